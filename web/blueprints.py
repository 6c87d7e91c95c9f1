"""The rooms of the web, one blueprint per room. A new room is added here and in navigation.ENTRIES, nowhere else."""

from flask import Blueprint

from web import (
    attachments,
    board,
    case,
    cases,
    corrections,
    demo,
    designer,
    designer_forms,
    diagrams,
    entry,
    history,
    inbox,
    ledger,
    moving,
    operator,
    personal,
    steering,
    submissions,
    uploads,
    visits,
)

ALL: tuple[Blueprint, ...] = (
    entry.bp,
    demo.bp,
    inbox.bp,
    attachments.bp,
    submissions.bp,
    visits.bp,
    cases.bp,
    ledger.bp,
    case.bp,
    steering.bp,
    personal.bp,
    diagrams.bp,
    history.bp,
    board.bp,
    designer.bp,
    designer_forms.bp,
    moving.bp,
    operator.bp,
    corrections.bp,
    uploads.bp,
)
