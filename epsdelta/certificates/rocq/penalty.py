"""A penalty certificate of a bilevel problem as a theorem: the problem as data, an enclosure of derivatives with witnesses, plain words.

The theory (PenaltyStatement.v) asks for |grad_y f| <= L and g_yy >= (2/rho) I on the leaves of a split tree, and for the inequalities
between L, rho and gamma. Its conclusion has gamma only, so L and rho may be larger than the certificate's where gamma leaves room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, cast

from epsdelta.certificates.kernel.bilevel import BilevelProblem, Side, read_bilevel
from epsdelta.certificates.rocq.affine import exact_hull
from epsdelta.certificates.rocq.claims import shown
from epsdelta.certificates.rocq.factor import find_factor
from epsdelta.certificates.rocq.mirror import Node, derivative, hull_over, is_rational, nodes
from epsdelta.certificates.rocq.text import expressions, factor, fraction, hull, integer, items, numeral, over_common, reals
from epsdelta.errors import EnclosureError, ProverError
from epsdelta.exact.interval import Interval, point
from epsdelta.exact.rational import round_down
