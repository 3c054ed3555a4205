"""The table of synonyms says what NLTK reads in the same files: `apt-get install wordnet-base` brings them."""

from pathlib import Path

import pytest

from augcli.text.wordnet import dict_files
from tests.test_text_words import table_of

FILES = Path("/usr/share/wordnet")

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(not FILES.is_dir(), reason="Debian's package wordnet-base is not installed"),
]


@pytest.fixture(scope="module")
def nltks(tmp_path_factory):
    pytest.importorskip("nltk")
    import nltk.data
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    folder = tmp_path_factory.mktemp("wordnet")
    for name in dict_files.FILES:
        (folder / name).write_bytes((FILES / name).read_bytes())
    (folder / "lexnames").write_text("".join(f"{number:02}\tname\t0\n" for number in range(45)))
    nltk.data.path.append(str(folder))  # it reads from nowhere else
    pointer = nltk.data.FileSystemPathPointer(str(folder))

    class Reader(WordNetCorpusReader):
        def map_wn(self, version=""):
            """Map no version to another, which would take one from the net."""

    with pytest.warns(UserWarning, match="multilingual"):
        return Reader(pointer, omw_reader=None)


def test_the_table_is_made_of_the_same_senses_and_counts(nltks):
    files = {name: (FILES / name).read_text(encoding="utf-8") for name in dict_files.FILES}
    found = table_of(dict_files.table(files))
    for word in [*found][::7]:
        for pos, (total, senses) in found[word].items():
            synsets = nltks.synsets(word, pos)
            lemmas = [next((one for one in synset.lemmas() if one.name() == word), None) for synset in synsets]
            if all(lemmas):
                assert total == sum(one.count() for one in lemmas), word
            for (count, offered), synset, lemma in zip(senses, synsets, lemmas, strict=False):
                counted = {one.name(): one.count() for one in synset.lemmas()}
                shown = {one.rstrip("0123456789"): int(one[len(one.rstrip("0123456789")) :] or 0) for one in offered}
                assert shown.items() <= counted.items(), word
                assert lemma is None or count == lemma.count(), word
                assert word not in shown
                if lemma is not None:
                    opposites = {one.name() for one in lemma.antonyms()}
                    assert not opposites & {*shown}
