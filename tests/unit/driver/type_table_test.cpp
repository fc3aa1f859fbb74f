// driver/TYPES.md says which C++ types fit which types of PostgreSQL. Here the codecs are asked whether it is true.

#include "support/type_table.hpp"

#include "types/builtin_types.hpp"
#include "types/cpp_type.hpp"

#include <tusk/driver/codecs.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace {

using tusk::format;
using tusk::oid;

/// What a codec says of a type.
struct answers {
    bool (*decodes)(oid type, format as);
    bool (*encodes)(oid type);
};

template <class T>
constexpr answers answers_of{
    [](oid type, format as) { return tusk::codec<T>::decoder(type, as) != nullptr; },
    [](oid type) { return tusk::codec<T>::encoder(type).write != nullptr; },
};

template <class... T>
std::map<std::string, answers> by_name()
{
    return {{std::string{tusk::codec<T>::name}, answers_of<T>}...};
}

/// Every C++ type with a codec for scalar types. std::string_view and std::span borrow what std::string and
/// std::vector<std::byte> own.
const std::map<std::string, answers>& cpp_types()
{
    using namespace std::chrono;
    static const auto all =
        by_name<bool, char, std::int16_t, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, float, double,
                tusk::numeric, tusk::money, std::string, std::vector<std::byte>, tusk::uuid, tusk::date, year_month_day,
                sys_days, local_days, tusk::time_of_day, tusk::timetz, tusk::timestamp, local_time<microseconds>,
                tusk::timestamptz, sys_time<microseconds>, tusk::interval, microseconds, tusk::bit_string, tusk::inet,
                tusk::cidr, tusk::macaddr, tusk::macaddr8, tusk::point, tusk::line, tusk::lseg, tusk::box, tusk::path,
                tusk::polygon, tusk::circle, tusk::pg_lsn, tusk::tid, tusk::pg_snapshot>();
    return all;
}

/// Text fits every type as a parameter, and every column in text format: the table says so once.
bool is_in_every_row(const std::string& name) { return name == "std::string"; }

TEST(type_table, every_type_is_read_as_it_says)
{
    for (const tusk::test::type_row& row : tusk::test::scalar_type_table()) {
        const oid type = tusk::type_oid(row.type);
        ASSERT_NE(type, 0U) << row.type;
        std::set<std::string> listed;
        for (const tusk::test::listed_type& each : row.read_as) {
            listed.insert(each.name);
            ASSERT_TRUE(cpp_types().contains(each.name)) << row.type << ": " << each.name;
            const answers& codec = cpp_types().at(each.name);
            EXPECT_TRUE(codec.decodes(type, format::binary)) << row.type << ": " << each.name;
            EXPECT_EQ(codec.decodes(type, format::text), !each.binary_only) << row.type << ": " << each.name;
        }
        for (const auto& [name, codec] : cpp_types()) {
            EXPECT_EQ(codec.decodes(type, format::binary), listed.contains(name)) << row.type << ": " << name;
        }
    }
}

TEST(type_table, every_type_is_written_from_what_it_says)
{
    for (const tusk::test::type_row& row : tusk::test::scalar_type_table()) {
        const std::set<std::string> listed{row.written_from.begin(), row.written_from.end()};
        for (const std::string& name : listed)
            EXPECT_TRUE(cpp_types().contains(name)) << row.type << ": " << name;
        for (const auto& [name, codec] : cpp_types()) {
            if (!is_in_every_row(name)) {
                EXPECT_EQ(codec.encodes(tusk::type_oid(row.type)), listed.contains(name)) << row.type << ": " << name;
            }
        }
    }
}

TEST(type_table, no_row_is_missing)
{
    std::set<oid> listed;
    for (const tusk::test::type_row& row : tusk::test::scalar_type_table())
        EXPECT_TRUE(listed.insert(tusk::type_oid(row.type)).second) << row.type << " stands there twice";
    for (oid type = 1; type != 10'000; ++type) {
        for (const auto& [name, codec] : cpp_types()) {
            if (codec.decodes(type, format::binary) && !listed.contains(type)) {
                ADD_FAILURE() << name << " reads " << tusk::describe_type(type) << ", which has no row";
            }
        }
    }
}

TEST(type_table, messages_name_the_type_that_stands_first)
{
    for (const tusk::test::type_row& row : tusk::test::scalar_type_table()) {
        const std::string first = row.read_as.empty() ? "" : row.read_as.front().name;
        EXPECT_EQ(tusk::types::cpp_type(tusk::type_oid(row.type)), first) << row.type;
    }
}

} // namespace
