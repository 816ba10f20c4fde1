"""A fixed edition stays as it is, whatever somebody tries."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.contrib import admin
from django.core import serializers
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction

from indicators.models import Actual
from reviews.editions.guard import check_guard, guard_editions, lay_guard_down, missing_triggers
from reviews.models import Edition, EditionFile, EditionSeal, Publication, Withdrawal
from tests.reviews.edition_office import YEAR

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]

ITS_TABLES = (Edition, EditionFile, EditionSeal)


def sql(statement: str, *given: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)


def columns_of(model) -> list[str]:
    return [field.column for field in model._meta.concrete_fields]


def again(model, **other: str) -> str:
    """Return SQL that inserts a copy of a table's row, with other SQL for some of its columns."""
    columns = columns_of(model)
    chosen = ", ".join(other.get(column, column) for column in columns)
    table = model._meta.db_table
    return f"INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {table} WHERE true"


def raw_ways() -> Iterator[str]:
    for model in ITS_TABLES:
        table = model._meta.db_table
        yield f"UPDATE {table} SET id = id"
        yield f"DELETE FROM {table}"
        yield f"INSERT {again(model)} ON CONFLICT (id) DO UPDATE SET id = excluded.id"
    yield "INSERT " + again(EditionFile, id="id + 100", kind="'pdf'")
    yield "INSERT " + again(EditionSeal, id="id + 100")
    if connection.vendor == "sqlite":
        yield "REPLACE " + again(Edition, data="'{}'")
        yield "INSERT OR REPLACE " + again(Edition, id="id + 100", data="'{}'")
        yield "UPDATE OR REPLACE reviews_edition SET data = '{}'"
        yield "REPLACE " + again(EditionFile, content="x'00'")
        yield "INSERT OR REPLACE " + again(EditionFile, id="id + 100", content="x'00'")
        yield "REPLACE " + again(EditionSeal)
    else:
        for table in ("reviews_edition", "reviews_editionfile", "reviews_editionseal"):
            yield f"TRUNCATE {table} CASCADE"
        yield "TRUNCATE goals_strategy CASCADE"


def ways_of_the_orm(edition: Edition, office, folder) -> Iterator[tuple[str, Callable]]:
    changed = Edition.objects.get()
    changed.data = "{}"
    file = edition.files.get(kind="json")
    yield "save", changed.save
    yield "delete", edition.delete
    yield "update", lambda: Edition.objects.update(number=9)
    yield "delete all", lambda: Edition.objects.all()._raw_delete("default")
    yield "bulk_update", lambda: Edition.objects.bulk_update([changed], ["data"])
    yield (
        "bulk_create",
        lambda: Edition.objects.bulk_create(
            [changed], update_conflicts=True, update_fields=["data"], unique_fields=["id"]
        ),
    )
    yield "a file's bytes", lambda: EditionFile.objects.filter(pk=file.pk).update(content=b"x")
    yield "a file's end", file.delete
    yield (
        "another file",
        lambda: EditionFile.objects.create(edition=edition, kind="csv", name="x", content=b"x"),
    )
    yield "no seal", lambda: EditionSeal.objects.all().delete()
    for owner in (office.plan, edition.fiscal_year, office.planning):
        yield f"with {owner}", owner.delete

    def load() -> None:
        dumped = json.loads(serializers.serialize("json", Edition.objects.all()))
        dumped[0]["fields"]["data"] = "{}"
        fixture = folder / "edition.json"
        fixture.write_text(json.dumps(dumped), encoding="utf-8")
        call_command("loaddata", str(fixture), verbosity=0)

    yield "loaddata", load

    def flush() -> None:
        tables = connection.introspection.django_table_names(only_existing=True)
        ops = connection.ops
        # To SQLite a cascade is a longer list of tables, searched for by regexp; here are all.
        cascade = connection.vendor == "postgresql"
        ops.execute_sql_flush(ops.sql_flush(no_style(), tables, allow_cascade=cascade))

    yield "flush", flush


def everything() -> str:
    return "".join(
        serializers.serialize("json", model.objects.order_by("pk")) for model in ITS_TABLES
    )


def test_no_way_in_changes_a_fixed_edition(office, fixed, tmp_path):
    before = everything()
    ways = [(statement, lambda it=statement: sql(it)) for statement in raw_ways()]
    ways += ways_of_the_orm(fixed, office, tmp_path)
    let_in = []
    for name, change in ways:
        try:
            with transaction.atomic():
                change()
        except DatabaseError:
            continue
        let_in.append(name)
    assert let_in == []
    assert everything() == before
    assert not any(admin.site.is_registered(model) for model in ITS_TABLES)


def test_a_rebuilt_table_has_the_same_bytes_and_its_guard_again(fixed):
    before = everything()
    if connection.vendor == "sqlite":
        lay_guard_down(using="default", plan=["a migration"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'reviews_edition'")
            [(made,)] = cursor.fetchall()
        sql(made.replace("reviews_edition", "new_edition", 1))
        columns = ", ".join(columns_of(Edition))
        sql(f"INSERT INTO new_edition ({columns}) SELECT {columns} FROM reviews_edition")
        sql("DROP TABLE reviews_edition")
        sql("ALTER TABLE new_edition RENAME TO reviews_edition")
    else:
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("ALTER TABLE reviews_edition ALTER COLUMN document_number TYPE varchar(99)")
    guard_editions(using="default")
    assert everything() == before
    assert missing_triggers(connection) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.update(number=9)


def test_missing_triggers_are_reported_and_made_again_by_the_remedy_that_is_named(db):
    on = "" if connection.vendor == "sqlite" else " ON reviews_edition"
    sql(f"DROP TRIGGER reviews_edition_no_update{on}")
    [error] = check_guard(databases=["default"])
    assert "reviews_edition_no_update" in error.msg
    assert "manage.py migrate" in error.hint
    call_command("migrate", skip_checks=False, verbosity=0)
    assert missing_triggers(connection) == []


def test_an_edition_is_the_same_bytes_after_everything_has_changed(office, client, fixed):
    def exported() -> list[bytes]:
        kinds = ("xlsx", "json")
        return [client.get(office.url("review_edition_file", 1, kind)).content for kind in kinds]

    before = exported()
    Actual.objects.filter(pk=office.value.pk).update(value=99)
    for changed, field, content in (
        (office.plan, "title", "別の名称"),
        (office.plan, "on_track", 99),
        (office.section, "name", "漁政課"),
        (office.indicator, "name", "漁獲量"),
        (office.indicator, "unit", "トン"),
        (office.kpi, "target", 1000),
        (office.kpi, "sentence", "別の目標"),
        (office.measure, "title", "別の施策"),
        (office.planning, "full_name", "別 花子"),
    ):
        setattr(changed, field, content)
        changed.save()
    assert exported() == before
    assert Edition.objects.get().data == fixed.data


def withdraw(edition: Edition, **more) -> Withdrawal:
    with transaction.atomic():
        return Withdrawal.objects.create(edition=edition, reason="誤り", **more)


def copy_of(edition: Edition, **other) -> Edition:
    """Return another edition, with other content in some of its fields."""
    names = [field.attname for field in Edition._meta.concrete_fields if field.name != "id"]
    return Edition.objects.create(**({name: getattr(edition, name) for name in names} | other))


def refused(change: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            change()
    except DatabaseError:
        return True
    return False


def test_the_database_holds_who_may_withdraw_what(office, fixed):
    first, second = {"asked_by": office.planning}, {"agreed_by": office.other}
    assert refused(lambda: withdraw(fixed, **second)), "nobody has asked"
    assert refused(lambda: withdraw(fixed, asked_by=office.other, **second)), "one person"
    newer = copy_of(fixed, number=2)
    assert refused(lambda: withdraw(fixed, **first)), "a newer one stands"
    withdrawal = withdraw(newer, **first)
    assert refused(lambda: Publication.objects.create(edition=newer, published_on="2019-01-20"))
    rows = Withdrawal.objects.filter(pk=withdrawal.pk)
    assert refused(lambda: rows.update(asked_by=office.clerk)), "another has asked"
    assert refused(lambda: rows.update(edition=fixed)), "of another edition"
    rows.update(**second)
    assert refused(lambda: rows.update(agreed_by=None)), "taken back"
    assert refused(rows.delete)


def test_the_database_holds_what_is_published(office, fixed):
    Publication.objects.create(edition=fixed, published_on="2019-01-20")
    rows = Publication.objects.all()
    assert refused(lambda: withdraw(fixed, asked_by=office.planning))
    assert refused(rows.delete)
    assert refused(lambda: rows.update(edition=copy_of(fixed, number=2)))
    rows.update(published_on="2019-01-21")
    assert fixed.fiscal_year_id == YEAR
