#include "protocol/condition_table.hpp"

#include <tusk/driver/conditions.hpp>
#include <tusk/driver/detail/raise.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>

namespace {

std::shared_ptr<tusk::error_fields> fields_of(std::string_view sqlstate, std::string_view message = "text")
{
    auto fields = std::make_shared<tusk::error_fields>();
    fields->severity = "FEHLER";
    fields->severity_nonlocalized = "ERROR";
    fields->sqlstate = sqlstate;
    fields->message = message;
    return fields;
}

std::string what_of(const tusk::error_fields& fields, std::string remedy = {})
{
    return tusk::server_error{std::make_shared<const tusk::error_fields>(fields), "SELECT 1", remedy}.what();
}

template <class Exception>
bool raised_exactly_as(std::string_view sqlstate)
{
    try {
        tusk::detail::raise_server_error(fields_of(sqlstate), "SELECT 1", {});
    } catch (const tusk::server_error& e) {
        return typeid(e) == typeid(Exception) && e.sqlstate() == sqlstate;
    }
}

bool retryable(std::string_view sqlstate) { return tusk::server_error{fields_of(sqlstate), {}, {}}.is_retryable(); }

} // namespace

TEST(server_error, is_thrown_as_its_condition)
{
    namespace sqlstate = tusk::sqlstate;
    EXPECT_TRUE(raised_exactly_as<tusk::unique_violation>("23505"));
    EXPECT_TRUE(raised_exactly_as<tusk::foreign_key_violation>(sqlstate::foreign_key_violation));
    EXPECT_TRUE(raised_exactly_as<tusk::not_null_violation>(sqlstate::not_null_violation));
    EXPECT_TRUE(raised_exactly_as<tusk::check_violation>(sqlstate::check_violation));
    EXPECT_TRUE(raised_exactly_as<tusk::exclusion_violation>("23P01"));
    EXPECT_TRUE(raised_exactly_as<tusk::restrict_violation>("23001"));
    EXPECT_TRUE(raised_exactly_as<tusk::serialization_failure>("40001"));
    EXPECT_TRUE(raised_exactly_as<tusk::deadlock_detected>("40P01"));
    EXPECT_TRUE(raised_exactly_as<tusk::query_canceled>("57014"));
    EXPECT_TRUE(raised_exactly_as<tusk::admin_shutdown>("57P01"));
    EXPECT_TRUE(raised_exactly_as<tusk::lock_not_available>("55P03"));
    EXPECT_TRUE(raised_exactly_as<tusk::undefined_table>("42P01"));
    EXPECT_TRUE(raised_exactly_as<tusk::insufficient_privilege>("42501"));
    EXPECT_TRUE(raised_exactly_as<tusk::invalid_password>("28P01"));
    EXPECT_TRUE(raised_exactly_as<tusk::string_data_right_truncation>("22001"));
    EXPECT_TRUE(raised_exactly_as<tusk::raise_exception>("P0001"));
    EXPECT_TRUE(raised_exactly_as<tusk::transaction_timeout>("25P04"));
}

TEST(server_error, a_condition_named_like_its_class_is_that_class)
{
    EXPECT_TRUE(raised_exactly_as<tusk::feature_not_supported>("0A000"));
    EXPECT_TRUE(raised_exactly_as<tusk::invalid_authorization_specification>("28000"));
    EXPECT_TRUE(raised_exactly_as<tusk::invalid_sql_statement_name>("26000"));
    EXPECT_TRUE(raised_exactly_as<tusk::invalid_catalog_name>("3D000"));
}

TEST(server_error, conditions_derive_from_their_class)
{
    static_assert(std::is_base_of_v<tusk::integrity_constraint_violation, tusk::unique_violation>);
    static_assert(std::is_base_of_v<tusk::transaction_rollback, tusk::deadlock_detected>);
    static_assert(std::is_base_of_v<tusk::operator_intervention, tusk::cannot_connect_now>);
    static_assert(std::is_base_of_v<tusk::data_exception, tusk::division_by_zero>);
    static_assert(std::is_base_of_v<tusk::server_error, tusk::data_exception>);
    static_assert(std::is_base_of_v<tusk::error, tusk::server_error>);
    EXPECT_THROW(tusk::detail::raise_server_error(fields_of("23503"), {}, {}), tusk::integrity_constraint_violation);
}

TEST(server_error, a_condition_without_a_class_of_its_own_is_its_sqlstate_class)
{
    EXPECT_TRUE(raised_exactly_as<tusk::data_exception>(tusk::sqlstate::zero_length_character_string));
    EXPECT_TRUE(raised_exactly_as<tusk::fdw_error>(tusk::sqlstate::fdw_too_many_handles));
}

TEST(server_error, a_code_of_a_known_class_that_nobody_defined_is_that_class)
{
    EXPECT_TRUE(raised_exactly_as<tusk::integrity_constraint_violation>("23ABC"));
    EXPECT_TRUE(raised_exactly_as<tusk::internal_error>("XX999"));
}

TEST(server_error, anything_else_is_a_plain_server_error)
{
    for (const std::string_view sqlstate : {"", "2350", "235055", "ZZ001", "01000", "00000", "\xff\xff\xff\xff\xff"})
        EXPECT_TRUE(raised_exactly_as<tusk::server_error>(sqlstate)) << testing::PrintToString(sqlstate);
}

TEST(server_error, every_condition_is_found_by_its_code)
{
    const auto table = tusk::protocol::condition_table();
    ASSERT_GE(table.size(), 250U);
    for (const auto& entry : table) {
        EXPECT_EQ(tusk::condition_name(entry.sqlstate), entry.name);
        EXPECT_THROW(tusk::detail::raise_server_error(fields_of(entry.sqlstate), {}, {}), tusk::server_error);
    }
}

TEST(server_error, condition_names_are_those_of_the_constants)
{
    EXPECT_EQ(tusk::condition_name(tusk::sqlstate::unique_violation), "unique_violation");
    EXPECT_EQ(tusk::condition_name(tusk::sqlstate::warning_string_data_right_truncation),
              "warning_string_data_right_truncation");
    EXPECT_EQ(tusk::condition_name("3F000"), "invalid_schema_name");
    EXPECT_EQ(tusk::condition_name("23ABC"), "");
    EXPECT_EQ(tusk::condition_name(""), "");
}

TEST(server_error, what_says_what_and_where_and_how_to_mend)
{
    auto fields = *fields_of("23505", "duplicate key");
    EXPECT_EQ(what_of(fields), "ERROR 23505 unique_violation: duplicate key");
    fields.detail = "it is there";
    fields.hint = "take another";
    EXPECT_EQ(what_of(fields, "use ON CONFLICT"), "ERROR 23505 unique_violation: duplicate key\n"
                                                  "DETAIL: it is there\n"
                                                  "HINT: take another\n"
                                                  "REMEDY: use ON CONFLICT");
}

TEST(server_error, what_gets_by_without_sqlstate_and_severity)
{
    tusk::error_fields fields;
    fields.message = "too many clients";
    EXPECT_EQ(what_of(fields), "ERROR: too many clients");
    fields.sqlstate = "ZZ123";
    EXPECT_EQ(what_of(fields), "ERROR ZZ123: too many clients");
}

TEST(server_error, what_escapes_what_a_terminal_would_obey)
{
    EXPECT_EQ(what_of(*fields_of("XX000", "\x1b[31mred\r\x07\x7f tab\t")),
              "ERROR XX000 internal_error: \\x1b[31mred\\x0d\\x07\\x7f tab\t");
    // U+009B is the one-character form of "ESC [".
    EXPECT_EQ(what_of(*fields_of("XX000", "\xc2\x9b")), "ERROR XX000 internal_error: \\xc2\\x9b");
}

TEST(server_error, what_escapes_bytes_that_are_not_utf8)
{
    const std::string_view start = "ERROR XX000 internal_error: ";
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"\xff", "\\xff"},                            // never a byte of UTF-8
        {"a\xc3", "a\\xc3"},                          // cut off
        {"\xc3(", "\\xc3("},                          // no continuation
        {"\xc0\xaf", "\\xc0\\xaf"},                   // overlong
        {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},          // overlong
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          // a surrogate
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, // beyond U+10FFFF
        {"Grüße, 日本 🐘", "Grüße, 日本 🐘"},
    };
    for (const auto& [text, shown] : cases)
        EXPECT_EQ(what_of(*fields_of("XX000", text)), std::string{start} + std::string{shown});
}

TEST(server_error, a_line_break_of_the_server_cannot_start_a_line_of_ours)
{
    EXPECT_EQ(what_of(*fields_of("XX000", "broken\nREMEDY: run rm")),
              "ERROR XX000 internal_error: broken\n    REMEDY: run rm");
}

TEST(server_error, what_is_bounded_and_the_accessors_are_not)
{
    const std::string huge(1'000'000, 'x');
    auto fields = *fields_of(huge, huge);
    fields.severity_nonlocalized = fields.detail = fields.hint = huge;
    const tusk::server_error e{std::make_shared<const tusk::error_fields>(fields), {}, huge};
    EXPECT_LT(std::string_view{e.what()}.size(), 20'000U);
    EXPECT_NE(std::string_view{e.what()}.find("more bytes)"), std::string_view::npos);
    EXPECT_EQ(e.message(), huge);
    EXPECT_EQ(e.detail(), huge);
}

TEST(server_error, the_bound_does_not_cut_a_character)
{
    std::string text(4095, 'x');
    text += "ü";
    EXPECT_TRUE(what_of(*fields_of("XX000", text)).ends_with("x... (2 more bytes)"));
}

TEST(server_error, what_does_not_show_the_statement)
{
    const tusk::server_error e{fields_of("42601"), "ALTER ROLE x PASSWORD 'hunter2'", {}};
    EXPECT_EQ(std::string_view{e.what()}.find("hunter2"), std::string_view::npos);
    EXPECT_EQ(e.query(), "ALTER ROLE x PASSWORD 'hunter2'");
}

TEST(server_error, every_field_has_an_accessor)
{
    auto fields = std::make_shared<tusk::error_fields>();
    fields->severity = "FEHLER";
    fields->severity_nonlocalized = "ERROR";
    fields->sqlstate = "23505";
    fields->message = "m";
    fields->detail = "d";
    fields->hint = "h";
    fields->position = 1;
    fields->internal_position = 2;
    fields->internal_query = "iq";
    fields->context = "w";
    fields->schema_name = "s";
    fields->table_name = "t";
    fields->column_name = "c";
    fields->data_type_name = "dt";
    fields->constraint_name = "n";
    fields->file = "f";
    fields->line = 3;
    fields->routine = "r";
    try {
        tusk::detail::raise_server_error(fields, "q", {});
    } catch (const tusk::unique_violation& e) {
        EXPECT_EQ(e.severity(), "ERROR");
        EXPECT_EQ(e.fields().severity, "FEHLER");
        EXPECT_EQ(e.sqlstate(), "23505");
        EXPECT_EQ(e.message(), "m");
        EXPECT_EQ(e.detail(), "d");
        EXPECT_EQ(e.hint(), "h");
        EXPECT_EQ(e.position(), 1);
        EXPECT_EQ(e.internal_position(), 2);
        EXPECT_EQ(e.internal_query(), "iq");
        EXPECT_EQ(e.context(), "w");
        EXPECT_EQ(e.schema_name(), "s");
        EXPECT_EQ(e.table_name(), "t");
        EXPECT_EQ(e.column_name(), "c");
        EXPECT_EQ(e.data_type_name(), "dt");
        EXPECT_EQ(e.constraint_name(), "n");
        EXPECT_EQ(e.file(), "f");
        EXPECT_EQ(e.line(), 3);
        EXPECT_EQ(e.routine(), "r");
        EXPECT_EQ(e.query(), "q");
    }
}

TEST(server_error, fatal_is_decided_by_the_severity_that_is_not_localized)
{
    auto fields = fields_of("57P01");
    fields->severity = "FATAL";
    EXPECT_FALSE((tusk::server_error{fields, {}, {}}.is_fatal()));
    for (const char* severity : {"FATAL", "PANIC"}) {
        fields->severity_nonlocalized = severity;
        EXPECT_TRUE((tusk::server_error{fields, {}, {}}.is_fatal())) << severity;
    }
    // Servers before 9.6 and some poolers send the localized one only.
    fields->severity_nonlocalized.clear();
    EXPECT_TRUE((tusk::server_error{fields, {}, {}}.is_fatal()));
    fields->severity = "ERROR";
    EXPECT_FALSE((tusk::server_error{fields, {}, {}}.is_fatal()));
}

TEST(server_error, only_what_a_repetition_can_mend_is_retryable)
{
    EXPECT_TRUE(retryable("40001"));
    EXPECT_TRUE(retryable("40P01"));
    for (const char* sqlstate : {"40000", "40002", "40003", "55P03", "57014", "23505", "57P01", "08006", ""})
        EXPECT_FALSE(retryable(sqlstate)) << sqlstate;
}

TEST(server_error, copies_share_their_strings_and_do_not_throw)
{
    static_assert(std::is_nothrow_copy_constructible_v<tusk::server_error>);
    static_assert(std::is_nothrow_copy_constructible_v<tusk::unique_violation>);
    const tusk::server_error first{fields_of("23505"), "SELECT 1", {}};
    const tusk::server_error second = first;
    EXPECT_EQ(&first.message(), &second.message());
    EXPECT_EQ(&first.query(), &second.query());
    EXPECT_STREQ(first.what(), second.what());
}
