"""Scripts that walk over what people and messages said: keys, pairs, rows. A share of what `growing` can draw.

`said_at_random` is what they say: records in lists in records, with keys in any order. It knows nobody who walks.
"""

from tests.engine.bpmn.paper import MESSAGES
from tests.engine.bpmn.sketch import catch, message, script

_KEYS = ("b", "a", "甲", "aa", "Z", "bb", "乙")  # sorted by length, or without capitals, they stand otherwise
_WALKS = (
    "seen = ''\nfor key in {papers}:\n  for row in {papers}[key]:\n    for inner in row:\n"
    "      seen = seen + key + inner + str(row[inner])",
    "seen = []\nfor pair in {papers}.items():\n  seen.append(pair[0])\n  seen.extend(pair[1])",
    "seen = [key + '!' for key in {papers} if key != 'a']\nfirst = [len(rows) for rows in {papers}.values()]",
    "rows = ['p']\nrows.extend({papers}.keys())",
    "for key in {papers}:\n  x = (x * 3 + len(key)) % 50",
    "copy = {{'z': x, 'y': {papers}}}\ncopy.update({papers})\ncopy['c'] = copy == {papers}\nseen = copy.keys()",
    "turned = {{}}\nnames = {papers}.keys()\nnames.reverse()\nfor key in names:\n"
    "  turned[key] = {papers}.get(key)\nsame = turned == {papers}\nseen = turned.keys()",
    "last = ''\nfor key in {papers}:\n  last = key\nx = x + (2 if last == 'b' else 1)",
)  # fmt: skip

WALKED = {"seen", "first", "copy", "turned", "last"}  # variables that only these scripts write


def said_at_random(chance):
    """`papers`: key → rows, each key → number."""
    return {key: [_row(chance) for _ in range(chance.randrange(3))] for key in _some_keys(chance)}


def shuffled(chance, record):
    names = [*record]
    chance.shuffle(names)
    return {name: record[name] for name in names}


def _row(chance):
    return {key: chance.randrange(10) for key in _some_keys(chance)}


def _some_keys(chance):
    return chance.sample(_KEYS, chance.randrange(4))


class Walks:
    def _walk(self, level):
        """Over what was just answered."""
        asked, name = self.ask(level), self.name("p")
        level.add(script(name, self._walking("papers" if self.flat else f"{asked}.papers")))
        level.link(f"{asked} {name}")
        return asked, name

    def _walk_over_news(self, level):
        """Over what a message brought; those that a case sends itself bring no papers."""
        caught, name = self.name("e"), self.name("p")
        ref = level.page.use("message", self.chance.choice(MESSAGES))
        level.add(catch(caught, message(ref, variable=f"got_{caught}")))
        level.add(script(name, f"news = got_{caught}.papers or {{}}\n" + self._walking("news")))
        level.link(f"{caught} {name}")
        return caught, name

    def _walking(self, papers):
        return self.chance.choice(_WALKS).format(papers=papers)
