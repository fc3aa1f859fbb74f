"""Tables of what was measured."""

import statistics

SCALE = {"µs": 1e6, "ns": 1e9}


def cpu(runs):
    """Seconds of CPU per operation, one figure a round."""
    return [(each["user_seconds"] + each["system_seconds"]) / each["operations"] for each in runs]


def wall(runs):
    return [each["wall_seconds"] / each["operations"] for each in runs]


def ratio(figures, base):
    """The median of the ratios within each round: what disturbed a round has disturbed both sides of it."""
    return statistics.median(mine / theirs if theirs else float("nan") for mine, theirs in zip(figures, base))


def digits(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def figures_of(work):
    """What a work is judged by."""
    return wall if work.delayed else cpu


def base_of(runs, name):
    """libpq's pipeline stands for libpq where only that can do the work."""
    if name == "libpq" and "libpq" not in runs:
        name = "libpq_pipeline"
    return runs.get(name)


def ratios(work, runs, base):
    """@returns Each contender's ratio to one of them; empty where that one did not take part."""
    theirs = base_of(runs, base)
    if not theirs:
        return {}
    figures = figures_of(work)
    return {name: ratio(figures(each), figures(theirs)) for name, each in runs.items()}


def summary(measured, names):
    """One row a work: the floor's figure, and each contender's ratio to it (where there is no floor, to what is named)."""
    rows = [["work", "floor", *[name for name in names if name != "floor"]]]
    for work, runs in measured:
        base = next((name for name in ("floor", "libpq", "libpq_pipeline", "tusk") if name in runs), "")
        by_name = ratios(work, runs, base)
        unit = "ms" if work.delayed else work.unit
        scale = 1e3 if work.delayed else SCALE[work.unit]
        theirs = base_of(runs, base)
        first = f"{digits(scale * statistics.median(figures_of(work)(theirs)))} {unit}" if theirs else ""
        if base != "floor" and theirs:
            first = f"({base} {first})"
        rows.append([work.title, first, *[f"{by_name[name]:.2f}" if name in by_name else ""
                                          for name in names if name != "floor"]])
    return rows


def details(work, runs, counted):
    scale = SCALE[work.unit]
    head = ["contender", f"CPU {work.unit}", "least", "x floor", "x libpq", f"wall {work.unit}", "a second", "p50 µs",
            "p99 µs", "switches", "allocations", "peak MiB", "+ MiB"]
    if counted:
        head += ["instructions"]
    rows = [head]
    to_floor, to_libpq = ratios(work, runs, "floor"), ratios(work, runs, "libpq")
    for name, each in runs.items():
        used, took = cpu(each), wall(each)

        def median(key, each=each):
            values = [run[key] for run in each if run.get(key) is not None]
            return statistics.median(values) if values else None

        def per_operation(key, each=each):
            values = [run[key] / run["operations"] for run in each if run.get(key) is not None]
            return digits(statistics.median(values)) if values else ""

        peak, idle = median("peak_kib"), median("idle_kib")
        rows.append([name, digits(scale * statistics.median(used)), digits(scale * min(used)),
                     f"{to_floor[name]:.2f}" if to_floor else "", f"{to_libpq[name]:.2f}" if to_libpq else "",
                     digits(scale * statistics.median(took)), digits(1 / statistics.median(took)),
                     digits(median("p50_us")) if median("p50_us") else "",
                     digits(median("p99_us")) if median("p99_us") else "",
                     per_operation("voluntary_switches"), per_operation("allocations"),
                     f"{peak / 1024:.1f}" if peak else "", f"{(peak - idle) / 1024:.1f}" if peak else ""])
        if counted:
            rows[-1].append(f"{counted[name]:,.0f}" if name in counted else "")
    return rows


def format_table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]
        lines.append("| " + " | ".join(cells) + " |")
        if number == 0:
            rules = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
            lines.append("| " + " | ".join(rules) + " |")
    return "\n".join(lines)
