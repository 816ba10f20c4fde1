"""What a test committed is gone after it, fixed editions with their guards as well."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from goals.models import Strategy
from reviews.models import Edition
from tests.factories import make_fiscal_year, make_strategy

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.files,
]


def make_edition() -> Edition:
    return Edition.objects.create(
        strategy=make_strategy(), fiscal_year=make_fiscal_year(2017), number=1, data="{}",
        decided_on=date(2019, 1, 10), document_number="1", sha256="0" * 64,
    )  # fmt: skip


def test_the_database_is_emptied_and_editions_are_guarded_again():
    for _ in range(2):
        edition = make_edition()
        with pytest.raises(DatabaseError), transaction.atomic():
            Edition.objects.filter(pk=edition.pk).update(data="other")
        call_command("flush", interactive=False, verbosity=0)
        assert not Strategy.objects.exists()
        assert not Edition.objects.exists()
