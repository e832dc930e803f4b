"""A stock kernel without the port it opens for what its own forks print.

Run as `python -P -m pmstats.runs.launcher -f CONNECTION_FILE`, in place of `ipykernel_launcher`.
"""

from __future__ import annotations


def main() -> None:
    """Start the kernel; like a fork of ours, it does not show what processes of a cell print."""
    from ipykernel import kernelapp

    names = vars(kernelapp)
    thread = names["IOPubThread"]
    names["IOPubThread"] = lambda socket, **_: thread(socket, pipe=False)
    kernelapp.launch_new_instance()


if __name__ == "__main__":
    main()
