"""Imports into a real store: what is kept, what is known again, what is turned away and why."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text

from analysis.observations import MISSING
from geo.cells import cell_of
from geo.sun import daypart_of
from server.audit_store import OnConnection
from server.cities import City, CityDirectory
from server.database import Database
from server.importing import tables
from server.intake.content import content_hash
from server.intake.reading import Reader
from server.services.erase_device import erase_device
from server.services.submit_audits import Sender, submit_audits
from tests.server.importing.conftest import SECRET, Import

HEAD = "id,lat,lng,observed_at,auditor,lighting,openness,feeling,comment\n"
ROW = "r1,28.6,77.25,2026-10-05T21:00:00+05:30,ann,1,2,0,dark\n"


def rows_of(database: Database, query: str = "SELECT * FROM audit ORDER BY audit_id, version") -> list[dict]:  # type: ignore[type-arg]
    with database.transaction() as connection:
        return [dict(row._mapping) for row in connection.execute(text(query))]


def test_a_row_becomes_the_audit_a_phone_would_have_sent(
    database: Database, city: City, import_text: Import
) -> None:
    audit_id = uuid4()
    done = import_text(HEAD + ROW.replace("r1", str(audit_id)))
    assert done.counts == (1, 0, 0, 0)
    (kept,) = rows_of(database)
    observed = datetime(2026, 10, 5, 15, 30, tzinfo=UTC)
    assert kept["audit_id"] == audit_id
    assert kept["cell"] == cell_of(28.6, 77.25, resolution=11)
    assert kept["observed_at"] == observed
    assert kept["daypart"] == daypart_of(28.6, 77.25, observed.timestamp())
    names = [rating.name for rating in city.current("safetipin-9").instrument.ratings]
    levels = {name: level for name, level in zip(names, kept["ratings"], strict=True) if level != MISSING}
    assert levels == {"lighting": 1, "openness": 2, "feeling": 0}
    assert (kept["comment"], kept["mode"], kept["used"], kept["flags"]) == ("dark", "import", True, [])
    sent = {
        "id": str(audit_id),
        "location": {"lat": 28.6, "lng": 77.25},
        "observed_at": "2026-10-05T15:30:00Z",
        "instrument": "safetipin-9",
        "answers": levels,
        "comment": "dark",
        "mode": "import",
    }
    content = Reader(city.instruments).audit(sent)
    assert bytes(kept["content_hash"]) == content_hash(content, secret=SECRET)
    (point,) = rows_of(database, "SELECT ST_X(location) AS lng, ST_Y(location) AS lat FROM audit")
    assert (point["lng"], point["lat"]) == (77.25, 28.6)


def test_again_adds_nothing_and_a_changed_row_is_a_new_version(
    database: Database, import_text: Import
) -> None:
    two = HEAD + ROW + ROW.replace("r1", "r2")
    assert import_text(two).counts == (2, 0, 0, 0)
    assert import_text(two).counts == (0, 0, 2, 0)
    assert import_text(two.replace("r2,28.6,77.25,2026-10-05", "r2,28.6,77.25,2026-10-06")).counts == (
        0,
        1,
        1,
        0,
    )
    assert [row["version"] for row in rows_of(database)] in ([1, 1, 2], [1, 2, 1])


def test_a_corrected_mapping_updates_rows_without_an_id(database: Database, import_text: Import) -> None:
    text_of_file = "lat,lng,light\n28.6,77.25,bad\n28.61,77.26,good\n"
    mapping = "columns: {lat: lat, lng: lng, lighting: {recode: light, values: {bad: 0, good: %d}}}\n"
    assert import_text(text_of_file, mapping=mapping % 2).counts == (2, 0, 0, 0)
    assert import_text(text_of_file, mapping=mapping % 2).counts == (0, 0, 2, 0)
    assert import_text(text_of_file, mapping=mapping % 3).counts == (0, 1, 1, 0)
    newest = rows_of(database, "SELECT ratings FROM audit WHERE version = 2")
    assert newest[0]["ratings"][0] == 3


def test_another_auditor_of_the_same_row_is_a_correction(database: Database, import_text: Import) -> None:
    assert import_text(HEAD + ROW).counts == (1, 0, 0, 0)
    assert import_text(HEAD + ROW.replace("ann", "bea")).counts == (0, 1, 0, 0)
    first, second = rows_of(database)
    assert first["device_id"] != second["device_id"]


def test_a_dry_run_counts_and_keeps_nothing(database: Database, import_text: Import) -> None:
    assert import_text(HEAD + ROW, dry_run=True).counts == (1, 0, 0, 0)
    assert rows_of(database) == []
    assert rows_of(database, "SELECT * FROM device") == []


def test_every_row_goes_one_way_and_rejects_say_why(import_text: Import) -> None:
    head = "lat,lng,observed_at,lighting,feeling,accuracy_m,mode,gender\n"
    wrong = {
        "0,0,,1,,,,": "location: (0.00000, 0.00000) is at (0, 0)",
        "0.004,-0.008,,1,,,,": "is at (0, 0)",
        "28.7,77.25,,1,,,,": "5,5",  # about 5.5 km north
        ",77.25,,1,,,,": "lat or lng is blank",
        "x,77.25,,1,,,,": "lat: 'x' must be a number",
        "91,77.25,,1,,,,": "lat: '91' must be -90 to 90 degrees",
        "28.6,77.25,,4,,,,": "lighting: '4' must be a whole number from 0 (worst) to 3 (best)",
        "28.6,77.25,,1.5,,,,": "lighting: '1.5' must be a whole",
        "28.6,77.25,,-1,,,,": "lighting: '-1' must be",
        "28.6,77.25,,,,,,": "answers: no question is answered",
        "28.6,77.25,5/10/2026,1,,,,": "observed_at: '5/10/2026' is no time",
        "28.6,77.25,1970-01-01,1,,,,": "before 1990: an unset clock",
        "28.6,77.25,2999-01-01,1,,,,": "in the future",
        "28.6,77.25,,1,,-5,,": "accuracy_m: '-5' must be 0 to 100000 metres",
        "28.6,77.25,,1,,,car,": "mode: 'car' must be one of: walk, vehicle, photo, import",
        "28.6,77.25,,1,,,,lady": "gender: 'lady' must be one of: woman, man, other",
        "28.6,77.25,,1": "row: has 4 fields, the header has 8",
    }
    good = ["28.6,77.25,,1,,,,", "28.6,77.25,2026-10-01 10:00,3.0,,12.5,walk,woman"]
    done = import_text(head + "\n".join([*wrong, *good]) + "\n")
    assert done.counts == (len(good), 0, 0, len(wrong))
    assert done.tally.rows == len(wrong) + len(good)
    for line, (row, told) in enumerate(wrong.items(), start=2):
        assert told in done.reasons[line], (row, done.reasons[line])
    assert done.rejects[0].fields == ("0", "0", "", "1", "", "", "", "")


def test_all_faults_of_a_row_are_told(import_text: Import) -> None:
    reason = import_text("lat,lng,lighting,feeling\n99,200,7,x\n").reasons[2]
    assert [part.split(":")[0] for part in reason.split("; ")] == ["lat", "lng", "lighting", "feeling"]


def test_a_point_just_outside_is_within_the_tolerance(import_text: Import) -> None:
    # 0.0004 degrees of latitude are about 44 m, 0.0015 about 167 m; the boundary ends at 28.65.
    text_of_file = "lat,lng,lighting,accuracy_m\n28.6504,77.25,1,\n28.6515,77.25,1,\n28.6515,77.25,2,190\n"
    done = import_text(text_of_file)
    assert done.counts == (2, 0, 0, 1)
    assert "167 m outside the city" in done.reasons[3]


def test_repeated_ids_in_one_file(import_text: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 2)  # repeats within a chunk and across chunks
    other = ROW.replace("dark", "darker")
    done = import_text(HEAD + ROW + ROW + other + ROW + ROW.replace("r1", "r2") + other)
    assert done.counts == (2, 0, 2, 2)
    assert set(done.reasons.values()) == {"id: row 2 has the same id with other content"}
    assert sorted(done.reasons) == [4, 7]


def test_whole_equal_rows_without_id_are_one_audit(import_text: Import) -> None:
    assert import_text("lat,lng,lighting\n28.6,77.25,1\n28.6,77.25,1\n28.6,77.25,2\n").counts == (2, 0, 1, 0)


def test_auditors_are_pseudonyms_and_rows_without_one_are_one_person(
    database: Database, import_text: Import
) -> None:
    text_of_file = (
        "lat,lng,lighting,auditor\n28.6,77.25,1,ann\n28.6,77.25,2,ann\n28.6,77.25,1,\n28.6,77.25,2,\n"
    )
    import_text(text_of_file)
    devices = rows_of(database, "SELECT device_id, origin, token_hash FROM device")
    assert len(devices) == 2
    assert {(one["origin"], one["token_hash"]) for one in devices} == {("import", None)}
    everything = rows_of(database, "SELECT audit::text AS told FROM audit") + rows_of(
        database, "SELECT device::text AS told FROM device"
    )
    assert not any("ann" in row["told"] for row in everything)
    assert import_text(text_of_file, secret=b"another-secret-of-the-tests-9876543210").tally.updated == 4


def test_one_person_per_row_on_the_operators_word(database: Database, import_text: Import) -> None:
    text_of_file = "lat,lng,lighting\n28.6,77.25,1\n28.6,77.25,2\n"
    assert import_text(text_of_file, mapping="auditor: one_per_row\n").counts == (2, 0, 0, 0)
    assert len(rows_of(database, "SELECT DISTINCT device_id FROM audit")) == 2


def test_profiles_lie_apart_and_minors_comments_are_dropped(database: Database, import_text: Import) -> None:
    head = "lat,lng,lighting,auditor,gender,age_band,disability,comment\n"
    text_of_file = (
        head
        + "28.6,77.25,1,ann,woman,18_24,,\n28.6,77.25,2,ann,,under_18,no,secret\n"
        + "28.6,77.25,3,,man,,,shared\n"  # nobody in particular: no profile
    )
    import_text(text_of_file)
    profiles = rows_of(database, "SELECT gender, age_band, disability FROM profile")
    assert profiles == [{"gender": "woman", "age_band": "under_18", "disability": "no"}]
    comments = {row["ratings"][0]: (row["comment"], row["flags"]) for row in rows_of(database)}
    assert comments == {1: (None, []), 2: (None, ["dropped"]), 3: ("shared", [])}
    assert import_text(text_of_file).counts == (0, 0, 3, 0)


def test_a_day_without_hour_has_no_daylight(database: Database, import_text: Import) -> None:
    rows = ("28.6,77.25,1,2026-10-05", "28.6,77.25,2,", "28.6,77.25,3,2026-10-05 12:00")
    import_text("\n".join(("lat,lng,lighting,observed_at", *rows)))
    found = {row["ratings"][0]: (row["observed_at"], row["daypart"]) for row in rows_of(database)}
    noon = datetime(2026, 10, 5, 6, 30, tzinfo=UTC)
    assert found == {1: (noon, 2), 2: (None, 2), 3: (noon, 0)}


def test_answers_of_every_kind(database: Database, import_text: Import) -> None:
    head = "lat,lng,lighting,stop_type,wait_minutes,first_change\n"
    done = import_text(
        head
        + "28.6,77.25,4,pole,12.5,a roof\n28.6,77.25,,shelter,,\n28.6,77.25,1,cave,,\n"
        + f"28.6,77.25,1,,999,\n28.6,77.25,1,,soon,{'x' * 301}\n28.6,77.25,5,,,\n",
        mapping="instrument: transit-stop\n",
    )
    assert done.counts == (2, 0, 0, 4)
    assert "stop_type: 'cave' must be one of: unmarked" in done.reasons[4]
    assert "wait_minutes: '999' must be at most 240" in done.reasons[5]
    assert "wait_minutes: 'soon' must be a number" in done.reasons[6]
    assert "must be a text of 1 to 300" in done.reasons[6]
    assert "lighting: '5' must be a whole number from 0 (worst) to 4 (best)" in done.reasons[7]
    found = {row["ratings"][0]: row["answers"] for row in rows_of(database)}
    assert found == {
        4: {"stop_type": "pole", "wait_minutes": 12.5, "first_change": "a roof"},
        MISSING: {"stop_type": "shelter"},
    }
    assert {row["instrument_id"] for row in rows_of(database)} == {"transit-stop"}


def test_several_choices_are_separated_by_semicolons(
    database: Database, city: City, import_text: Import
) -> None:
    question = next(
        one for one in city.current("avoided-place").instrument.questions if one.kind == "choices"
    )
    one, two = question.choices[:2]
    text_of_file = f"lat,lng,{question.name}\n28.6,77.25,{one}; {two}\n28.6,77.25,{one};{one}\n"
    done = import_text(text_of_file, mapping="instrument: avoided-place\n")
    assert done.counts == (1, 0, 0, 1)
    assert rows_of(database)[0]["answers"] == {question.name: [one, two]}


def test_text_that_copy_could_misread_arrives_as_it_is(database: Database, import_text: Import) -> None:
    nasty = 'a\tb\\N \\. "q"\nnext ौ 🚏'
    quoted = '"' + nasty.replace('"', '""') + '"'
    import_text(f"lat,lng,lighting,comment\n28.6,77.25,1,{quoted}\n")
    assert rows_of(database)[0]["comment"] == nasty
    assert import_text("lat,lng,lighting,comment\n28.6,77.25,1,a\0b\n").reasons[2].startswith("comment: ")


def test_ids_of_phones_are_not_taken(database: Database, city: City, import_text: Import) -> None:
    audit_id, device_id = uuid4(), uuid4()
    with database.transaction() as connection:
        connection.execute(
            text("INSERT INTO device (city_id, device_id, origin) VALUES (:city, :device, 'phone')"),
            {"city": city.city_id, "device": device_id},
        )
        content = Reader(city.instruments).audit(
            {
                "id": str(audit_id),
                "location": {"lat": 28.6, "lng": 77.25},
                "observed_at": "2026-10-05T15:30:00Z",
                "answers": {"lighting": 3},
            }
        )
        submit_audits(
            OnConnection(connection),
            city=city,
            sender=Sender(device_id=device_id),
            contents=[content],
            secret=SECRET,
            now=datetime(2026, 10, 6, tzinfo=UTC),
        )
    done = import_text(HEAD + ROW.replace("r1", str(audit_id)) + ROW)
    assert done.counts == (1, 0, 0, 1)
    assert done.reasons == {2: "id: belongs to an audit that a phone sent"}


def test_an_erasure_stays_when_the_file_comes_again(
    database: Database, city: City, import_text: Import
) -> None:
    text_of_file = (
        "id,lat,lng,lighting,auditor,gender\nr1,28.6,77.25,1,ann,woman\nr2,28.6,77.25,1,bea,woman\n"
    )
    import_text(text_of_file)
    ann = rows_of(database)[0]["device_id"]
    with database.transaction() as connection:
        erase_device(connection, city_id=city.city_id, device_id=ann)
    before = rows_of(database)
    assert import_text(text_of_file).counts == (0, 0, 2, 0)
    assert rows_of(database) == before
    assert ann not in {row["device_id"] for row in rows_of(database, "SELECT device_id FROM device")}
    assert len(rows_of(database, "SELECT * FROM profile")) == 1


def test_cities_do_not_touch_each_other(
    database: Database, cities: CityDirectory, import_text: Import
) -> None:
    other = cities.get("othertown")
    assert import_text("lat,lng,lighting,auditor\n28.6,77.25,1,ann\n").counts == (1, 0, 0, 0)
    assert import_text("lat,lng,lighting,auditor\n-1.3,36.8,1,ann\n", into=other).counts == (1, 0, 0, 0)
    found = rows_of(database, "SELECT city_id, device_id FROM device")
    assert len({row["city_id"] for row in found}) == len({row["device_id"] for row in found}) == 2


def test_good_rows_beside_bad_ones_keep_what_is_theirs(database: Database, import_text: Import) -> None:
    head = "lat,lng,lighting,observed_at,accuracy_m\n"
    done = import_text(head + "0,0,1,2026-10-01 10:00,9\n28.6,77.25,2,2026-10-02 23:00,7\nx,77.2,3,,\n")
    assert done.counts == (1, 0, 0, 2)
    (kept,) = rows_of(database)
    observed = datetime(2026, 10, 2, 17, 30, tzinfo=UTC)
    assert (kept["ratings"][0], kept["observed_at"], kept["accuracy_m"]) == (2, observed, 7.0)
    assert (kept["daypart"], kept["cell"]) == (1, cell_of(28.6, 77.25, resolution=11))
