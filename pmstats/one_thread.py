"""Numerical libraries kept to one thread, told by the environment before they are loaded.

Nothing here multiplies large matrices. A second thread costs its start, makes a fork unsafe, and
could change the last digit of a sum from one machine to the next.
"""

from __future__ import annotations

#: What OpenMP, OpenBLAS, MKL and Arrow's jemalloc read when they are loaded.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
