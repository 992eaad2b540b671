"""Sources of every kind of stream: how they are stated, shown and refused."""

import json
from datetime import timedelta

import pytest

from rejent.access.stream_parts import ITEM_SOURCE
from rejent.catalog.addresses import masked
from rejent.catalog.errors import AddressRefusedError, SourceRefusedError
from rejent.catalog.stream_parts import SOURCES, SourceForm
from rejent.retention.stream_parts import WHOLE_ITEM
from rejent.web.stream_parts import PAGES
from tests.contract.streams.conftest import Kind
from tests.contract.streams.samples import PASSWORD


@pytest.fixture
def form(kind: Kind) -> SourceForm:
    """The form of the kind's sources."""
    return kind.of(SOURCES)


def test_an_address_is_split_and_shown_without_credentials(kind: Kind) -> None:
    """What the catalogue keeps and pages show holds no password; what it keeps is an address that can be shown."""
    address = kind.sample.addressed(kind.sample.good)
    assert PASSWORD not in address.text + masked(address.text) + repr(address)
    assert address.password == (PASSWORD if PASSWORD in kind.sample.good else "")
    assert masked(address.text)


def test_an_address_that_is_none_is_refused_in_one_line(kind: Kind) -> None:
    """The line does not repeat what may have been a password, and says what to write instead."""
    for bad in kind.sample.bad:
        with pytest.raises(AddressRefusedError) as refused:
            kind.sample.addressed(bad)
        assert PASSWORD not in str(refused.value), bad
        assert "\n" not in str(refused.value)
        assert refused.value.advice


def test_traits_can_be_stored(kind: Kind, form: SourceForm, db: None) -> None:  # noqa: ARG001 - some ask whether the office is a test
    """What is stated of a source, and what stands for it where nothing is, is text that can be kept, and holds what its act tells."""
    for stated in ({}, kind.sample.traits):
        traits = form.traits({**form.preset, **stated})
        assert json.loads(json.dumps(traits)) == traits
        assert PASSWORD not in json.dumps(traits)
        assert traits.keys() >= set(form.entered)


def test_traits_that_are_none_are_refused_in_one_line(kind: Kind, form: SourceForm) -> None:
    """No password is repeated."""
    for bad in kind.sample.bad_traits:
        with pytest.raises((SourceRefusedError, AddressRefusedError)) as refused:
            form.traits(bad)
        assert PASSWORD not in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_search_reaches_as_far_as_any_recorder_records(kind: Kind, form: SourceForm) -> None:
    """No segment is longer than that by which those are sought that reach into an interval."""
    address = kind.sample.addressed(kind.sample.good).text
    assert timedelta(0) < form.longest(address) <= form.reach(address)
    assert kind.sample.segment().row.interval.length <= form.longest(address)


def test_items_are_known_to_every_layer_or_to_none(kind: Kind, form: SourceForm) -> None:
    """Where segments are of items, an item's source and its whole can be asked for, and pages open items instead of intervals."""
    known = [form.items, ITEM_SOURCE in kind, WHOLE_ITEM in kind, not kind.of(PAGES).by_interval]
    assert len(set(known)) == 1
