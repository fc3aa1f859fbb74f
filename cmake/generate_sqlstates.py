#!/usr/bin/env python3
"""Writes the SQLSTATE constants, the exception classes and the table between them.

The source is errcodes.txt, which PostgreSQL installs with its server (Debian: /usr/share/postgresql/<version>).
Its order of classes is kept, so that a newer list gives a small difference. The results are committed; nobody
needs this script, or a server, to build.

    cmake/generate_sqlstates.py /usr/share/postgresql/15/errcodes.txt driver
"""

import pathlib
import sys
from dataclasses import dataclass, field

# Conditions of servers newer (or older) than the list that the script is given. Entries that the list has win.
OTHER_VERSIONS = {
    "25P04": "transaction_timeout",
    "58P03": "file_name_too_long",
    "72000": "snapshot_too_old",
}

# One name, several classes: the class tells them apart. An error keeps the plain name where only a warning shares it.
PREFIX_OF_CLASS = {
    "01": "warning",
    "2F": "sql_routine",
    "38": "external_routine",
    "39": "external_routine_invocation",
}
KEEPS_PLAIN_NAME = {"22001", "22004"}

# Conditions that programs tell apart. All others are caught by the class that they belong to.
CAUGHT = """
    connection_does_not_exist connection_failure sqlclient_unable_to_establish_sqlconnection
    sqlserver_rejected_establishment_of_sqlconnection transaction_resolution_unknown protocol_violation
    invalid_grant_operation
    array_subscript_error character_not_in_repertoire datetime_field_overflow division_by_zero
    interval_field_overflow invalid_character_value_for_cast invalid_datetime_format invalid_escape_sequence
    invalid_parameter_value invalid_regular_expression invalid_row_count_in_limit_clause
    invalid_row_count_in_result_offset_clause invalid_time_zone_displacement_value null_value_not_allowed
    numeric_value_out_of_range sequence_generator_limit_exceeded string_data_length_mismatch
    string_data_right_truncation invalid_text_representation invalid_binary_representation bad_copy_file_format
    untranslatable_character invalid_xml_document invalid_xml_content invalid_json_text
    restrict_violation not_null_violation foreign_key_violation unique_violation check_violation exclusion_violation
    active_sql_transaction read_only_sql_transaction no_active_sql_transaction in_failed_sql_transaction
    idle_in_transaction_session_timeout transaction_timeout
    invalid_password dependent_objects_still_exist invalid_savepoint_specification
    transaction_integrity_constraint_violation serialization_failure statement_completion_unknown deadlock_detected
    syntax_error insufficient_privilege cannot_coerce grouping_error windowing_error invalid_recursion
    invalid_foreign_key invalid_name name_too_long reserved_name datatype_mismatch indeterminate_datatype
    indeterminate_collation wrong_object_type generated_always undefined_column undefined_function undefined_table
    undefined_parameter undefined_object duplicate_column duplicate_cursor duplicate_database duplicate_function
    duplicate_prepared_statement duplicate_schema duplicate_table duplicate_alias duplicate_object ambiguous_column
    ambiguous_function ambiguous_parameter ambiguous_alias invalid_column_reference invalid_table_definition
    invalid_object_definition
    disk_full out_of_memory too_many_connections configuration_limit_exceeded
    statement_too_complex too_many_columns too_many_arguments
    object_in_use cant_change_runtime_param lock_not_available
    query_canceled admin_shutdown crash_shutdown cannot_connect_now database_dropped idle_session_timeout
    io_error undefined_file duplicate_file
    raise_exception no_data_found too_many_rows assert_failure
    data_corrupted index_corrupted
""".split()


@dataclass
class Condition:
    code: str
    kind: str  # E: error, W: warning, S: success
    name: str
    alias: bool  # A second name for a code that another line names already.


@dataclass
class Section:
    title: str
    conditions: list = field(default_factory=list)

    @property
    def code(self):
        return self.conditions[0].code[:2]

    @property
    def throws(self):
        return self.conditions[0].kind == "E"

    @property
    def class_name(self):
        return next(c.name for c in self.conditions if c.code.endswith("000") and not c.alias)


def read(path):
    sections = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("Section:"):
            sections.append(Section(line.removeprefix("Section:").strip()))
        elif line and not line.startswith("#"):
            code, kind, macro, *name = line.split()
            alias_name = macro.removeprefix("ERRCODE_").lower().replace("pstatement", "prepared_statement")
            sections[-1].conditions.append(Condition(code, kind, name[0] if name else alias_name, not name))
    return sections


def add_other_versions(sections):
    known = {c.code for s in sections for c in s.conditions}
    for code, name in OTHER_VERSIONS.items():
        if code in known:
            continue
        condition = Condition(code, "E", name, False)
        section = next((s for s in sections if s.code == code[:2]), None)
        if section is None:
            section = Section(f"Class {code[:2]} - {name.replace('_', ' ').title()}")
            sections.append(section)
        section.conditions.append(condition)


def gather_strays(sections):
    """Some lines name a code of another class (undefined_schema, 3F000, stands under 42): the code decides."""
    by_code = {s.code: s for s in sections}
    for section in sections:
        strays = [c for c in section.conditions if c.code[:2] != section.code]
        section.conditions = [c for c in section.conditions if c.code[:2] == section.code]
        for stray in strays:
            by_code[stray.code[:2]].conditions.append(stray)


def make_names_unique(sections):
    everything = [c for s in sections for c in s.conditions]
    names = [c.name for c in everything]
    for condition in everything:
        if names.count(condition.name) > 1 and condition.code not in KEEPS_PLAIN_NAME:
            condition.name = f"{PREFIX_OF_CLASS[condition.code[:2]]}_{condition.name}"
    names = [c.name for c in everything]
    doubled = {n for n in names if names.count(n) > 1}
    if doubled:
        sys.exit(f"names that are not unique: {sorted(doubled)}; extend PREFIX_OF_CLASS")
    unknown = set(CAUGHT) - set(names)
    if unknown:
        sys.exit(f"names in CAUGHT that the list does not have: {sorted(unknown)}")


def first_line(source):
    return f"// Generated by cmake/generate_sqlstates.py from {source.name} of PostgreSQL. Do not edit.\n"


def constants(sections, source):
    text = first_line(source) + "#pragma once\n\n#include <string_view>\n\n"
    text += "/// Every SQLSTATE of PostgreSQL under its condition name, to compare `server_error::sqlstate()` with.\n"
    text += "/// @see PostgreSQL documentation, \"PostgreSQL Error Codes\".\n"
    text += "namespace tusk::sqlstate {\n"
    for section in sections:
        text += f"\n// {section.title}\n"
        for c in section.conditions:
            text += f'inline constexpr std::string_view {c.name} = "{c.code}";\n'
    return text + "\n} // namespace tusk::sqlstate\n"


def classes(sections, source):
    text = first_line(source) + "#pragma once\n\n#include <tusk/driver/server_error.hpp>\n\n"
    text += "// One exception class a SQLSTATE class, and below it one a condition that programs tell apart. What has no\n"
    text += "// class of its own is thrown as its SQLSTATE class, and what has none of those as `server_error`.\n\n"
    text += "namespace tusk {\n"
    for section in sections:
        if not section.throws:
            continue
        base = section.class_name
        text += f"\n/// {section.title}.\n"
        text += f"struct {base} : server_error {{\n    using server_error::server_error;\n}};\n"
        for c in section.conditions:
            if c.name in CAUGHT:
                text += f"struct {c.name} : {base} {{ // {c.code}\n    using {base}::{base};\n}};\n"
    return text + "\n} // namespace tusk\n"


def table(sections, source):
    text = first_line(source)
    text += '#include "protocol/condition_table.hpp"\n\n#include <tusk/driver/conditions.hpp>\n\n#include <array>\n\n'
    text += "namespace tusk::protocol {\n\nnamespace {\n\n"
    rows = []
    for section in sections:
        for c in section.conditions:
            if c.alias:
                continue
            thrown = "server_error"
            if section.throws:
                thrown = c.name if c.name in CAUGHT else section.class_name
            row = f'    {{"{c.code}", "{c.name}", &make_exception<{thrown}>}},\n'
            if len(row) > 121:  # 120 columns and the end of the line
                row = row.replace(", &", ",\n     &")
            rows.append((c.code, row))
    rows.sort()
    text += f"// Sorted by SQLSTATE: it is searched by halves.\nconstexpr std::array<condition, {len(rows)}> conditions{{{{\n"
    text += "".join(row for _, row in rows) + "}};\n\n} // namespace\n\n"
    text += "std::span<const condition> condition_table() noexcept { return conditions; }\n\n"
    return text + "} // namespace tusk::protocol\n"


def main():
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} <errcodes.txt> <folder of the driver>")
    source, driver = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    sections = read(source)
    gather_strays(sections)
    add_other_versions(sections)
    make_names_unique(sections)
    public = driver / "include" / "tusk" / "driver"
    (public / "sqlstate.hpp").write_text(constants(sections, source), encoding="utf-8")
    (public / "conditions.hpp").write_text(classes(sections, source), encoding="utf-8")
    (driver / "src" / "protocol" / "conditions.cpp").write_text(table(sections, source), encoding="utf-8")


if __name__ == "__main__":
    main()
