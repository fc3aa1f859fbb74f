#!/usr/bin/env python3
"""Compiles models of 20, 40 and 60 tables, and the example program of the ORM: user seconds and memory of each.

A model has so many tables of 15 columns of the usual types, each with a relation to the one before it, and one typed
SELECT a table; all in one file, as the worst case. The flags are those of the build directory: the everyday build is
g++ without optimisation.
"""

import argparse
import json
import os
import shlex
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "orm" / "examples" / "blog.cpp"
TABLES = (20, 40, 60)
MEMBERS = [
    ("std::string", "title", "orm::varchar(200)"),
    ("std::string", "body", ""),
    ("std::optional<std::string>", "remark", ""),
    ("std::int32_t", "amount", "orm::indexed"),
    ("std::int64_t", "total", ""),
    ("std::optional<std::int32_t>", "rank", ""),
    ("double", "ratio", ""),
    ("tusk::numeric", "price", "orm::decimal(12, 2)"),
    ("bool", "is_active", ""),
    ("tusk::timestamptz", "created_at", "orm::server_default(orm::now())"),
    ("std::optional<tusk::timestamptz>", "updated_at", "orm::on_update(orm::now())"),
    ("tusk::uuid", "token", "orm::unique"),
    ("std::vector<std::string>", "labels", ""),
]


def entity(number):
    parent = f"table_{number - 1}" if number else "table_0"
    name = f"table_{number}"
    lines = [f"struct {name} {{", "    std::int64_t id{};"]
    lines += [f"    {type_} {member}{{}};" for type_, member, _ in MEMBERS]
    lines += ["    std::optional<std::int64_t> parent_id{};", f"    orm::belongs_to<{parent}> parent{{}};", ""]
    columns = [f"orm::column<&{name}::id>(orm::primary_key)"]
    columns += [f"orm::column<&{name}::{member}>({options})" for _, member, options in MEMBERS]
    columns += [
        f"orm::column<&{name}::parent_id>(orm::references_key_of<{parent}>())",
        f"orm::relationship<&{name}::parent>(orm::via<&{name}::parent_id>)",
    ]
    joined = ",\n        ".join(columns)
    lines += [f'    static constexpr auto table = orm::table("{name}s",\n        {joined});', "};"]
    return "\n".join(lines)


def query(number):
    name = f"table_{number}"
    return f"""asio::awaitable<std::size_t> read_{number}(orm::session& s)
{{
    auto stmt = orm::select<{name}>()
                    .where(orm::col<&{name}::amount> > 3, orm::col<&{name}::title>.ilike("a%"))
                    .order_by(orm::col<&{name}::created_at>.desc())
                    .options(orm::selectinload<&{name}::parent>());
    const std::vector<orm::ref<{name}>> found = co_await s.all(stmt);
    co_return found.size();
}}"""


def model(tables):
    parts = ["#include <tusk/orm.hpp>", "#include <tusk/orm/session.hpp>", "namespace orm = tusk::orm;", "namespace {"]
    parts += [entity(i) for i in range(tables)]
    names = ", ".join(f"table_{i}" for i in range(tables))
    parts += [f"const orm::metadata models = orm::describe<{names}>();"]
    parts += [query(i) for i in range(tables)]
    calls = "\n".join(f"    count += co_await read_{i}(s);" for i in range(tables))
    parts += [
        "} // namespace",
        "asio::awaitable<std::size_t> read_all(orm::session& s)\n{\n    co_await orm::create_all(s.sql(), models);"
        f"\n    std::size_t count = 0;\n{calls}\n    co_return count;\n}}",
    ]
    return "\n\n".join(parts) + "\n"


def command_of_example(build):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if Path(entry["file"]).resolve() == EXAMPLE:
            words = shlex.split(entry["command"])
            break
    else:
        sys.exit(f"{build} does not build {EXAMPLE}: configure it with TUSK_BUILD_EXAMPLES")
    while not Path(words[0]).name.startswith(("g++", "c++", "clang++")):
        words = words[1:]  # the compiler cache and its settings
    return words, entry["directory"]


def cost_of(words, directory, source, object_file):
    """User seconds and megabytes of one compilation."""
    words = list(words)
    words[words.index("-o") + 1] = str(object_file)
    words[words.index("-c") + 1] = str(source)
    for option in ("-MF", "-MT"):
        if option in words:
            del words[words.index(option) : words.index(option) + 2]
    words = [word for word in words if word != "-MD"]
    child = os.fork()
    if child == 0:
        os.chdir(directory)
        os.execvp(words[0], words)
    _, status, used = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"{source} does not compile")
    # Of the compiler's own processes too: the largest of them counts.
    return used.ru_utime, used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    given = parser.parse_args()
    words, directory = command_of_example(given.build.resolve())
    print("| program | user seconds | MB |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for tables in TABLES:
            source = folder / f"model_{tables}.cpp"
            source.write_text(model(tables))
            seconds, megabytes = cost_of(words, directory, source, folder / "model.o")
            print(f"| {tables} tables × 15 columns, a SELECT each | {seconds:.1f} | {megabytes:.0f} |", flush=True)
        seconds, megabytes = cost_of(words, directory, EXAMPLE, folder / "blog.o")
        print(f"| `orm/examples/blog.cpp` | {seconds:.1f} | {megabytes:.0f} |")


if __name__ == "__main__":
    main()
