"""Plots of what was measured, by gnuplot, as SVG."""

import subprocess

import report

# Groups of works that fit one picture, with the unit of their bars.
PICTURES = [
    ("round_trips", "CPU per round trip, times the floor", ["point_select", "point_select_10", "pipeline_100",
                                                            "callers_1000", "pool_1", "pool_8", "pool_64"]),
    ("rows", "CPU per row, times the floor", ["rows_query", "rows_stream", "copy_in", "copy_out", "bulk_insert"]),
    ("connecting", "CPU per connection, times the floor", ["connect_cold", "connect_warm"]),
    ("suite", "MagicStack's suite: CPU per operation, times tusk", [
        "ms_pg_type", "ms_generate_series", "ms_large_object", "ms_arrays", "ms_copyfrom", "ms_batch",
        "ms_oneplusone"]),
]


def draw(folder, measured):
    folder.mkdir(parents=True, exist_ok=True)
    by_name = {work.name: (work, runs) for work, runs in measured}
    for name, title, wanted in PICTURES:
        works = [by_name[each] for each in wanted if each in by_name]
        if not works:
            continue
        base = "tusk" if name == "suite" else "floor"
        names = list(dict.fromkeys(contender for _, runs in works for contender in runs if contender != base))
        lines = ["work " + " ".join(names)]
        for work, runs in works:
            found = report.ratios(work, runs, base)
            if found:
                lines.append(f'"{work.name}" ' + " ".join(f"{found[each]:.3f}" if each in found else "NaN"
                                                          for each in names))
        if len(lines) == 1:
            continue
        picture(folder / f"{name}.svg", title, "\n".join(lines), len(names))


def picture(path, title, data, columns):
    escaped = title.replace("'", "''")
    script = f"""set terminal svg size 1000,420 font 'sans-serif,12' background 'white'
set output '{path}'
set title '{escaped}'
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.8 border -1
set logscale y
set grid ytics
set xtics noenhanced rotate by -15
set key outside noenhanced
set yrange [0.5:*]
$data << END
{data}
END
plot 1 notitle with lines dashtype 2 linecolor 'black', for [i=2:{columns + 1}] $data using i:xtic(1) title columnheader(i)
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
