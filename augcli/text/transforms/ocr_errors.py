from __future__ import annotations

from collections.abc import Sequence

from augcli.random_streams import Stream
from augcli.settings import Count, setting
from augcli.text.characters import CharacterTransform
from augcli.text.edits import Span

_TABLE = """
a o e, b h 6, c e o, d cl, e c o, f t, g 9 q, h b n, i l 1 j, j i, k h lc, l 1 I i, m rn nn, n r u ri, o 0 c a, p n,
q g 9, r n t, s 5, t f l, u v ii n, v y u, w vv, x k, y v, z 2, rn m, nn m, vv w, cl d, li h, ii u, ri n, fi h,
A 4 R, B 8 3 R, C G (, D O 0, E F B, F P E, G 6 C, H N, I l 1, J 1, K X, L l, M N, N H, O 0 D Q, P F, Q O 0, R B P,
S 5 8, T 7 I, U V O, V U, W VV, X K, Y V, Z 2 7, VV W,
à a, á a, â a, ä a ii, å a, ç c, è e c, é e 6, ê e, ë e, í i f, ï i, ñ n fi, ò o, ó o 6, ô o, ö o 6, ø o, ù u, ú u,
û u, ü u ii, ß B 8, ı i l, ğ g, ş s, ł l t, ą a, ę e
"""
_LOOKS_LIKE = {first: rest for first, *rest in (line.split() for line in _TABLE.split(","))}


class OcrErrors(CharacterTransform):
    """Misread letters as programs that read scanned pages do.

    Letters of some words, and pairs of them, are replaced by what looks like them in print: `l` by `1`, `rn` by `m`,
    `O` by `0`, `é` by `e`. As nlpaug's `OcrAug`, with a table of its own for Latin letters.
    """

    min_chars: Count = setting(1, "Words of fewer characters stay as they are.", within=(1, 1_000_000))

    def places(self, letters: Sequence[str]) -> list[Span]:
        single = [(at, at + 1) for at, letter in enumerate(letters) if letter in _LOOKS_LIKE]
        pairs = [(at, at + 2) for at in range(len(letters) - 1) if letters[at] + letters[at + 1] in _LOOKS_LIKE]
        return single + pairs

    def changed(self, stream: Stream, letters: Sequence[str], place: Span) -> str:
        seen = _LOOKS_LIKE["".join(letters[slice(*place)])]
        return seen[stream.integer(0, len(seen) - 1)]
