"""The nine diagrams of 幸福圆桌会, described: who does what, in which order, in the words of the two texts."""
