"""The office's own forms: a file of an annex, the mistakes in it beside its lines, the papers as they will be printed, a version from a day."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.documents.papers import Book, Column, Letterhead, Paper
from rejent.documents.rendering import render_pictures
from rejent.kernel.clock import civil_date
from rejent.notices.documents.paper import paper_of
from rejent.notices.documents.views import DocumentKind
from rejent.notices.queries import truth_of
from rejent.notices.stream_parts import SAYINGS
from rejent.notices.wording import documents_of
from rejent.office import queries, services
from rejent.office.regulation.annexes import AnnexRefusedError, examine_annex
from rejent.office.regulation.findings import Finding
from rejent.office.regulation.forms import Form, FormPaper
from rejent.office.regulation.loading import EXAMPLES, example, load
from rejent.office.regulation.provisions import Regulation
from rejent.web.cases.copies.labels import empty_label
from rejent.web.cases.copies.listing import name_copy_columns, name_disclosure_columns
from rejent.web.cases.copies.words import column_names, fitting
from rejent.web.pages.plain_form import DayField, PlainForm
from rejent.web.registers.filled_forms import Filling, fill, in_its_language
from rejent.web.registers.letterheads import letterhead
from rejent.web.regulation.finding_words import PAPERS, word_findings
from rejent.web.regulation.form import count_errors
from rejent.web.requests.visitor import PersonRequest, acting, done
from rejent.web.words.when import WithoutYear
from rejent.web.words.wording import day_digits, day_words

LONGEST = 200_000
"""Characters of an annex; the longest of the five offices has a hundredth of that."""
_NOTICES = {
    FormPaper.PLATE: DocumentKind.PLATE,
    FormPaper.CLAUSE: DocumentKind.CLAUSE,
    FormPaper.STATEMENT: DocumentKind.STATEMENT,
}


_OF_COLUMNS = frozenset({FormPaper.DISCLOSURES, FormPaper.COPIES, FormPaper.LABEL})


_FORM = re.compile(
    r"^\[\[streams\.(?P<stream>[\w-]+)\.forms\]\]\n(?:(?!\[(?!\[streams\.(?P=stream)\.forms\.)).*\n?)*",
    re.MULTILINE,
)
"""A form in the text of a regulation: from its head to the next table that is not one of its own."""


class AnnexForm(PlainForm):
    """A file with forms, or its text; and the day from which they count."""

    file = forms.FileField(
        label=_("File with the forms"),
        required=False,
        help_text=_("forms written as data, as in the example below; it takes the place of the text below"),
        widget=forms.ClearableFileInput(attrs={"accept": ".toml,.txt,text/plain"}),
    )
    annex = forms.CharField(
        label=_("Text of the file"),
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 14, "class": "code", "spellcheck": "false"}),
    )
    in_force_from = DayField(
        _("In force from"), _("Enter the first day."), hint=_("today or later"), meant=WithoutYear.COMING
    )

    def clean_in_force_from(self) -> date:
        """Return the day. Raises ValidationError: it has passed."""
        day: date = self.cleaned_data["in_force_from"]
        if day < civil_date(settings.CLOCK.now()):
            raise ValidationError(gettext("This day has passed. A version counts from today or later."))
        return day

    def clean(self) -> dict[str, Any]:
        """Return the data with the text of the file. Raises ValidationError: there is none, or it is no text."""
        given = super().clean() or {}
        file = given.get("file")
        if isinstance(file, UploadedFile):
            try:
                given["annex"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", gettext("The text is not UTF-8."))
            else:
                if len(given["annex"]) > LONGEST:
                    self.add_error(
                        "file", gettext("The file is longer than %(n)s characters.") % {"n": LONGEST}
                    )
        given["annex"] = str(given.get("annex", "")).replace("\r\n", "\n")
        if not given["annex"].strip() and "file" not in self.errors:
            self.add_error("file", gettext("Choose a file."))
        return given


@dataclass(frozen=True, slots=True)
class Preview:
    """A paper as it will be printed: what it is, and its pages as addresses of pictures."""

    title: str
    pages: list[str]


def regulation_annex(request: PersonRequest) -> HttpResponse:
    """Take in an annex: what is wrong with it stands beside its lines, its papers are shown, then it is entered as a new version."""
    versions = queries.every_version()
    if not versions:
        return redirect("regulation")
    today = day_digits(civil_date(settings.CLOCK.now()))
    form = AnnexForm(request.POST or None, request.FILES or None, initial={"in_force_from": today})
    findings: list[Finding] = []
    previews: list[Preview] = []
    day = None
    if request.method == "POST" and form.is_valid():
        annex, day = form.cleaned_data["annex"], form.cleaned_data["in_force_from"]
        try:
            whole, findings = examine_annex(versions[0].text, annex)
        except AnnexRefusedError as refused:
            form.refuse(refused, "annex")
        else:
            if not count_errors(findings):
                if "confirmed" in request.POST:
                    number = services.activate_regulation(whole, in_force_from=day, **acting(request))
                    words = gettext("Version %(n)s is entered, in force from %(day)s.")
                    return done(request, words % {"n": number, "day": day_words(day)}, "regulation")
                previews = list(_previews(versions[0].text, whole))
        form.data = {**request.POST.dict(), "annex": annex}
    context = {
        "form": form,
        "findings": word_findings(findings),
        "barred": count_errors(findings),
        "previews": previews,
        "from_day": day,
        "sample": _find_sample(versions[0].text),
        "papers": [(paper.value, words) for paper, words in PAPERS.items()],
        "numbered": list(enumerate(form["annex"].value().splitlines(), 1)) if findings else [],
    }
    return render(request, "regulation/annex.html", context, status=422 if form.errors else 200)


def _find_sample(own: str) -> str:
    """Return a form to write others by: the first of the office's own, else of an example's for a stream that it has; empty without one."""
    streams = load(own).streams
    found = (each for text in (own, *map(example, EXAMPLES)) for each in _FORM.finditer(text))
    return next((each[0].strip() for each in found if each["stream"] in streams), "")


def _previews(before: str, whole: str) -> Iterator[Preview]:
    """Yield each paper whose form is new, as it is printed with nothing filled in; notices with what is true today."""
    old, new = load(before), load(whole)
    for stream, rules in new.streams.items():
        known = old.stream(stream)
        for form in rules.forms:
            if known is None or form not in known.forms:
                yield from _previews_of(new, stream, form)


def _previews_of(regulation: Regulation, stream: str, form: Form) -> Iterator[Preview]:
    """Yield the papers of a form: one for all that are printed alike, and each notice."""
    alike = [paper for paper in form.papers if paper not in {*_NOTICES, *_OF_COLUMNS}]
    for papers in ([alike] if alike else []) + [[paper] for paper in form.papers if paper not in alike]:
        for printed in _papers(regulation, stream, form, papers[0]):
            pictures = (b64encode(page).decode() for page in render_pictures(printed))
            title = ", ".join(str(PAPERS[paper]) for paper in papers)
            yield Preview(title, [f"data:image/png;base64,{each}" for each in pictures])


def _papers(regulation: Regulation, stream: str, form: Form, paper: FormPaper) -> Iterator[Paper]:
    """Yield a paper as it is printed: registers with their columns and nothing entered, a label with what is written on it left open."""
    rules = regulation.streams[stream]
    with in_its_language():
        head = letterhead(form.title, made_at=settings.CLOCK.now(), entry=None, office=regulation.name)
        if paper is FormPaper.LABEL:
            yield empty_label(
                replace(head, marks=()), fitting(rules.copies.label, stream), column_names(form)
            )
        elif paper is FormPaper.COPIES:
            yield _book(head, name_copy_columns(fitting(rules.copies.register, stream), form))
        elif paper is FormPaper.DISCLOSURES:
            yield _book(head, name_disclosure_columns(rules.handover.register, form))
        elif paper not in _NOTICES:
            yield fill(form, replace(head, marks=()), Filling({}))
        elif stream in SAYINGS:
            truth = truth_of(stream, "pl", clock=settings.CLOCK)
            told = replace(truth, office=replace(truth.office, regulation=regulation))
            found = (each for each in documents_of([told]) if each.kind is _NOTICES[paper])
            yield from (paper_of(each, test=settings.INSTALLATION.test) for each in list(found)[:1])


def _book(head: Letterhead, columns: list[Column]) -> Book:
    """Return a page of a register with one empty row, for without any it shows no columns."""
    row = [""] * len(columns)
    return Book(letterhead=replace(head, marks=()), remarks=(), columns=tuple(columns), rows=[row], empty="")
