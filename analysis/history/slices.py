"""What each span of time says of each cell, once it is known how severe each auditor is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.field.city import City, Posterior
from analysis.groups import labels_of, ratio, sums
from analysis.pairs import Voices, pair, voices

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Slices:
    """Spans of time 0..s-1 over the cells 0..n-1 of a city's land; float[s, n].

    A span's audits are as precise as `weight` says and have the mean `mean` (0 where there are none), in
    rating steps around top/2, severity taken off.
    """

    city: City
    voices: Voices
    """One per auditor, cell and span; cells of span t are numbered from t n."""
    weight: Floats
    mean: Floats

    @classmethod
    def of(
        cls, city: City, found: Posterior, values: Floats, *, span: NDArray[np.int64], count: int, top: float
    ) -> "Slices":
        """Return the slices of values, float[audits], NaN = missing; `span` of each audit, -1 = none.

        A voice of m audits (at most 3) has variance pair + audit / m + what is not known of its auditor's
        severity. Strangers who rate one cell together are believed as far as the whole believes them. Ages do
        not count: each span speaks of its own time.
        """
        cells = len(city.land)
        values, span = values[city.counted], span[city.counted]
        inside = (span >= 0) & ~np.isnan(values)
        row = city.pairs.row[inside]
        people = pair(
            cell=span[inside] * cells + city.pairs.cell[row],
            auditor=city.pairs.auditor[row],
            cells=count * cells,
            auditors=city.pairs.auditors,
        )
        said = voices(people, values[inside], np.ones(len(row)))
        precision = _believed(said, 1 / _noise(said, city, found), found, cells=cells)
        weight = sums(said.cell, precision, size=said.cells)
        told = precision * (said.mean - top / 2 - found.severity[said.auditor])
        mean = np.nan_to_num(ratio(sums(said.cell, told, size=said.cells), weight))
        shape = (count, cells)
        return cls(city=city, voices=said, weight=weight.reshape(shape), mean=mean.reshape(shape))

    def __len__(self) -> int:
        return len(self.weight)

    def people_around(self) -> Counts:
        """Return how many auditors spoke in each audited cell's disc in each span, int64[s, m]."""
        n, found = len(self.city.land), np.zeros((len(self), len(self.city.audited)), dtype=np.int64)
        for span in range(len(self)):
            here = self.voices.cell // n == span
            index = (self.voices.cell[here] % n, self.voices.auditor[here])
            there = sparse.csr_matrix((np.ones(int(here.sum())), index), shape=(n, self.voices.auditors))
            found[span] = (self.city.disc[self.city.audited] @ there).getnnz(axis=1)
        return found


def heard_around(city: City, values: Floats, *, span: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Return whether anybody gave a value in each audited cell's disc in each span, bool[s, m]; as Slices."""
    values, span = values[city.counted], span[city.counted]
    inside = (span >= 0) & ~np.isnan(values)
    there = np.zeros((len(city.land), count), dtype=np.bool_)
    there[city.pairs.cell[city.pairs.row[inside]], span[inside]] = True
    return np.asarray((city.disc[city.audited] @ there.astype(np.float32)).T > 0)


def _noise(said: Voices, city: City, found: Posterior) -> Floats:
    """Return the variance of each voice: the fitted one is that of an audit of mean age."""
    parts = found.system.variances
    audit = parts.audit / (city.weight.mean() if len(city.weight) else 1.0)
    return np.asarray(parts.pair + audit / said.size + found.severity_variance[said.auditor])


def _believed(said: Voices, precision: Floats, found: Posterior, *, cells: int) -> Floats:
    """Return the precision of each voice, of whose crowd an effect is unknown that its span's voices share.

    Of W, what all of a crowd's voices in a span weigh, W / (1 + variance W) is left: at most 1 / variance,
    however many they are.
    """
    whole, among = found.system.voices, found.system.crowds
    names = whole.cell * whole.auditors + whole.auditor  # sorted: so are the pairs behind voices
    span, cell = np.divmod(said.cell, cells)
    crowd = among.of[np.searchsorted(names, cell * whole.auditors + said.auditor)]
    label, count = labels_of([span, crowd])
    weight = sums(label, precision, size=count)[label]
    return np.asarray(precision / (1 + found.system.cellwise.variance[crowd] * weight))
