"""The rooms of the web, one blueprint per room. A new room is added here and in navigation.ENTRIES, nowhere else."""

from flask import Blueprint

from web import attachments, cases, demo, entry, inbox, submissions, visits

ALL: tuple[Blueprint, ...] = (
    entry.bp,
    demo.bp,
    inbox.bp,
    attachments.bp,
    submissions.bp,
    visits.bp,
    cases.bp,
)
