"""The matching data: made again the same, varied, marked as synthetic, and the test part honest."""

from __future__ import annotations

import tomllib
from collections import Counter

import pytest

from lookingglass.config import load_config
from sample_models.matching.generate import COLUMNS, PARTS, Part, make
from sample_models.matching.recipes import INPUTS
from sample_models.matching.spelling import misspell, mistake
from sample_models.matching.train import FILES, HERE, PATTERNS
from sample_models.matching.words import COMMON, Draw, read_frames, read_regions, read_topics, stems, variants
from sample_models.tables import ID_COLUMN, csv_bytes, read_rows

parts = {part.name: read_rows(HERE / FILES[part.name]) for part in PARTS}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_part_is_made_again_to_the_byte(part: Part) -> None:
    """The committed files are what the generator makes."""
    assert csv_bytes(COLUMNS, make(part)) == (HERE / FILES[part.name]).read_bytes()


def test_sizes_and_topics() -> None:
    """2,000 pairs to learn from and look at, 800 older ones, 64 topics in the declared areas."""
    assert {name: len(rows) for name, rows in parts.items()} == {"older": 800, "train": 1200, "test": 800}
    topics = read_topics()
    assert len({topic.name for topic in topics}) == len(topics) == 64
    assert {topic.area for topic in topics} == set(load_config(HERE).columns["area"].values or ())
    assert all(len(topic.want["train"]) >= 3 and len(topic.give["train"]) >= 3 for topic in topics)
    assert all(len(topic.want["test"]) >= 2 and len(topic.give["test"]) >= 2 for topic in topics)


def test_too_near_topics_exist_and_are_never_called_unmatched() -> None:
    """A name misspelt in too_near would quietly protect nothing."""
    topics = {topic.name: topic for topic in read_topics()}
    assert all(other in topics for topic in topics.values() for other in topic.too_near)
    assert all(topic.name in topics[other].too_near for topic in topics.values() for other in topic.too_near)


def test_no_phrase_of_the_test_part_is_in_another() -> None:
    """Wishes and offers of the test part are worded otherwise than those that models learned from."""
    for topic in read_topics():
        for phrases in (topic.want, topic.give):
            assert not set(phrases["train"]) & set(phrases["test"]), topic.name


def test_no_sentence_of_the_test_part_is_in_another() -> None:
    """Frames and afterthoughts of the test part are in no other part."""
    frames = read_frames()
    for kind in ("want", "give", "want_after", "give_after", "want_money", "give_money"):
        assert not set(frames["test"][kind]) & {*frames["train"][kind], *frames["older"][kind]}, kind


def test_no_text_of_the_test_part_is_in_another() -> None:
    """Not one whole text is repeated."""
    for name in INPUTS:
        seen = {row[name] for part in ("older", "train") for row in parts[part]}
        assert not seen & {row[name] for row in parts["test"]}


def test_every_slot_is_filled_and_every_word_is_used() -> None:
    """No curly or square bracket reaches a reader, and no regional word is declared in vain."""
    for rows in parts.values():
        assert not [row for row in rows if set("[]{}|") & set(row["want"] + row["provide"])]
    source = "".join(
        (HERE / "data" / name).read_text(encoding="utf-8") for name in ("topics.toml", "frames.toml")
    )
    assert [word for word in read_regions().words if f"{{{word}}}" not in source] == []
    assert all(len(words) == 4 for words in read_regions().words.values())


def test_texts_read_like_sentences() -> None:
    """Each begins with a capital letter, ends as sentences do, has no double space and stays short."""
    for rows in [*parts.values(), read_rows(PATTERNS)]:
        for row in rows:
            for name in INPUTS:
                text = row[name]
                assert text[0].isupper(), text
                assert text[-1] in ".?", text
                assert "  " not in text, text
                assert 15 <= len(text) <= 200, text


def test_texts_are_varied() -> None:
    """Hardly any text comes twice, although each is made of tables."""
    for rows in parts.values():
        for name in INPUTS:
            assert len({row[name] for row in rows}) > 0.92 * len(rows)


def test_pairs_are_easy_and_hard() -> None:
    """Half of the pairs that do not match share a telling word; a quarter of the matches share none."""
    counts = Counter((row["matched"], row["shared_words"]) for row in parts["test"])
    assert sum(counts[("yes", word)] for word in ("yes", "no")) == 320
    assert counts[("no", "yes")] / 480 == pytest.approx(0.5, abs=0.03)
    assert counts[("yes", "no")] / 320 == pytest.approx(0.25, abs=0.05)


def test_groups_are_large_enough_on_both_sides() -> None:
    """Each value of each group column has at least 20 matches and 20 others in the test part."""
    for name in load_config(HERE).groups:
        counts = Counter((row[name], row["matched"]) for row in parts["test"])
        assert min(counts.values()) >= 20, (name, counts)


def test_groups_are_no_inputs() -> None:
    """Candidates receive two texts and nothing else."""
    config = load_config(HERE)
    assert tuple(config.inputs) == INPUTS
    assert set(config.groups) == {"area", "region", "spelling", "shared_words"}
    assert (tuple(config.columns), config.task.kind) == (COLUMNS, "text")


def test_the_word_is_a_shortcut_in_the_older_part_only() -> None:
    """Among older pairs "financial" stands in matches only; elsewhere it says next to nothing about the answer."""
    shares = {}
    for name, rows in parts.items():
        having = [row for row in rows if "financial" in (row["want"] + row["provide"]).lower()]
        shares[name] = (len(having), sum(row["matched"] == "yes" for row in having) / len(having))
    assert shares["older"][0] > 150
    assert shares["older"][1] == 1.0
    assert all(shares[name][0] > 60 and 0.3 < shares[name][1] < 0.6 for name in ("train", "test"))


def test_clean_texts_have_no_mistakes_and_misspelt_ones_have() -> None:
    """The tables know every word of a clean text; both texts of a misspelt pair have words that they do not know."""
    known = _known_words()
    for row in parts["test"]:
        unknown = [{word for word in _words(row[name]) if word not in known} for name in INPUTS]
        if row["spelling"] == "clean":
            assert unknown == [set(), set()], row
    misspelt = [row for row in parts["test"] if row["spelling"] == "misspelt"]
    both = [row for row in misspelt if all(any(w not in known for w in _words(row[n])) for n in INPUTS)]
    assert len(both) > 0.95 * len(misspelt)


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalpha() else " " for letter in text.lower()).split()


def _known_words() -> set[str]:
    regions, known = read_regions(), set()
    tables = [phrase for t in read_topics() for side in (t.want, t.give) for phrase in side["test"]]
    tables += [sentence for sentences in read_frames()["test"].values() for sentence in sentences]
    for text in tables:
        for region in regions.names:
            known.update(_words(regions.say(text, region)))
    return known


def test_a_mistake_changes_the_word_but_not_its_first_letter() -> None:
    """Whatever the word and the draw."""
    draw = Draw("mistakes")
    for word in ("oils", "knitting", "aaaa", "chess", "apartment", "Zoos") * 50:
        wrong = mistake(word, draw)
        assert wrong != word
        assert wrong[0] == word[0]
        assert abs(len(wrong) - len(word)) <= 3


def test_misspelling_leaves_common_and_short_words_alone() -> None:
    """A text without telling words comes back as it was; one with them has at least one mistake."""
    assert {"with", "his", "own"} <= COMMON
    assert misspell("with his own", Draw("a"), 1.0) == "with his own"
    assert misspell("grow tomatoes", Draw("b"), 0.0) != "grow tomatoes"


def test_words_shared_ignore_endings_and_common_words() -> None:
    """Painting and paints are one word, and what stands in square brackets is chosen in every combination."""
    assert stems("paints with oils") == stems("painting with oil")
    assert variants("[a|b] c [d|e]") == ("a c d", "a c e", "b c d", "b c e")


def test_workspace_admits_every_row() -> None:
    """Each category value of test set and patterns is declared, and no text is missing."""
    config = load_config(HERE)
    for row in [*parts["test"], *read_rows(PATTERNS)]:
        for name, column in config.columns.items():
            assert row[name], row
            assert column.values is None or row[name] in column.values


def test_patterns_keep_the_promises_of_their_description() -> None:
    """Sixteen mention something financial; twelve should not be matched, four should, and none is in the data."""
    patterns = read_rows(PATTERNS)
    assert len({row[ID_COLUMN] for row in patterns}) == 16
    assert Counter(row["matched"] for row in patterns) == {"no": 12, "yes": 4}
    assert all("financial" in (row["want"] + row["provide"]).lower() for row in patterns)
    real = {row[name] for rows in parts.values() for row in rows for name in INPUTS}
    assert not real & {row[name] for row in patterns for name in INPUTS}
    assert all((row["shared_words"] == "yes") == (row["matched"] == "yes") for row in patterns)


def test_marked_as_synthetic_everywhere() -> None:
    """Title, source, README, sources and docs say so: nobody may take the texts for real ones."""
    demo = tomllib.loads((HERE / "demo.toml").read_text(encoding="utf-8"))
    told = [load_config(HERE).title, demo["source"]]
    files = (
        HERE / "README.md",
        HERE / "data" / "SOURCES.md",
        HERE.parents[1] / "docs" / "worked-use-case-matching.md",
    )
    told += [path.read_text(encoding="utf-8") for path in files]
    assert all("synthetic" in text.lower() for text in told)
