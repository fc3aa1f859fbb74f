// How rows become entities, without a server: the rows are made here.
#include "loading/entity_reader.hpp"
#include "loading/key_array.hpp"
#include "loading/key_reader.hpp"
#include "loading/result_reader.hpp"
#include "loading/row_count.hpp"
#include "query/compiled.hpp"
#include "support/library_models.hpp"
#include "support/run.hpp"
#include "unit_of_work/entity_store.hpp"
#include "unit_of_work/key.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/result.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tusk::test::library;
using namespace tusk::orm::detail;
using tusk::byte_writer;
using tusk::test::expect_mentions;

constexpr tusk::oid int4 = 23;
constexpr tusk::oid int8 = 20;
constexpr tusk::oid text = 25;

using field = std::optional<std::string>;

template <class Int>
field number(Int value)
{
    byte_writer out;
    out.put<Int>(value);
    return std::string{reinterpret_cast<const char*>(out.bytes().data()), out.size()};
}

/// Rows as they arrive.
tusk::result result_of(std::vector<tusk::column> columns, const std::vector<std::vector<field>>& rows)
{
    auto data = std::make_unique<tusk::detail::result_data>();
    const std::size_t count = columns.size();
    data->columns = std::make_shared<tusk::detail::column_list>(std::move(columns));
    for (const std::vector<field>& row : rows) {
        byte_writer out;
        out.put('D');
        out.put(std::int32_t{0}); // its length
        out.put<std::int16_t>(static_cast<std::int16_t>(count));
        for (const field& each : row) {
            out.put<std::int32_t>(each ? static_cast<std::int32_t>(each->size()) : -1);
            if (each)
                out.put_text(*each);
        }
        out.patch(1, static_cast<std::int32_t>(out.size() - 1));
        data->rows.append(out.bytes(), count);
    }
    return tusk::result{std::move(data)};
}

tusk::column column(std::string name, tusk::oid type)
{
    tusk::column made;
    made.name = std::move(name);
    made.type = type;
    return made;
}

std::vector<tusk::column> columns_of_authors(tusk::oid id = int8)
{
    return {column("id", id), column("name", text), column("mentor_id", int8)};
}

class orm_loading_rows : public testing::Test
{
protected:
    /// Reads the rows as authors.
    std::vector<entity_record*> read(const tusk::result& rows, on_known known = on_known::keep)
    {
        result_reader reader{*store_, statement_, rows.columns(), known};
        std::vector<entity_record*> found;
        for (const tusk::row_view row : rows) {
            reader.read(row);
            found.push_back(reader.entity(0));
            kept_.push_back(reader.entity(0));
        }
        return found;
    }
    static author& object(entity_record* of) { return *static_cast<author*>(of->object); }

    store_ptr store_ = entity_store::make();
    compiled_statement statement_ = compile(tusk::orm::select<author>());
    kept_entities kept_;
};

TEST_F(orm_loading_rows, become_entities)
{
    const auto found =
        read(result_of(columns_of_authors(), {{number<std::int64_t>(1), "Ann", std::nullopt},
                                              {number<std::int64_t>(2), "Bob", number<std::int64_t>(1)}}));
    tusk::byte_writer scratch;
    EXPECT_EQ(object(found[0]).name, "Ann");
    EXPECT_EQ(object(found[0]).mentor_id, std::nullopt);
    EXPECT_EQ(object(found[1]).mentor_id, 1);
    EXPECT_EQ(found[0]->key, key_of(*found[0]->table, found[0]->object, scratch));
    EXPECT_FALSE(object(found[0]).books.is_loaded());
}

TEST_F(orm_loading_rows, of_one_key_are_one_entity)
{
    const auto first = read(result_of(columns_of_authors(), {{number<std::int64_t>(1), "Ann", std::nullopt}}));
    const auto again = read(result_of(columns_of_authors(), {{number<std::int64_t>(1), "Anna", std::nullopt}}));
    EXPECT_EQ(again[0], first[0]);
    EXPECT_EQ(object(first[0]).name, "Ann"); // the same transaction
    read(result_of(columns_of_authors(), {{number<std::int64_t>(1), "Anna", std::nullopt}}), on_known::refresh);
    EXPECT_EQ(object(first[0]).name, "Anna");
    store_->next_transaction();
    read(result_of(columns_of_authors(), {{number<std::int64_t>(1), "Ann", std::nullopt}}));
    EXPECT_EQ(object(first[0]).name, "Ann");
}

TEST_F(orm_loading_rows, do_not_overwrite_unsaved_changes)
{
    const auto found = read(result_of(columns_of_authors(), {{number<std::int64_t>(1), "Ann", std::nullopt}}));
    const auto ann = ref_access::make<author>(found[0]);
    ann->name = "changed";
    const auto rows = result_of(columns_of_authors(), {{number<std::int64_t>(1), "Anna", std::nullopt}});
    read(rows, on_known::refresh);
    EXPECT_EQ(ann->name, "changed");
    store_->next_transaction();
    read(rows);
    EXPECT_EQ(ann->name, "changed");
}

TEST_F(orm_loading_rows, have_the_same_key_in_whatever_type_the_server_sends_it)
{
    const auto wide = read(result_of(columns_of_authors(), {{number<std::int64_t>(7), "Ann", std::nullopt}}));
    const auto narrow = read(result_of(columns_of_authors(int4), {{number<std::int32_t>(7), "Ann", std::nullopt}}));
    EXPECT_EQ(wide[0], narrow[0]);
}

TEST_F(orm_loading_rows, without_a_key_are_absent)
{
    const auto found = read(result_of(columns_of_authors(), {{std::nullopt, std::nullopt, std::nullopt}}));
    EXPECT_EQ(found[0], nullptr);
}

TEST_F(orm_loading_rows, that_do_not_fit_leave_nothing_behind)
{
    EXPECT_THROW(read(result_of(columns_of_authors(), {{number<std::int64_t>(9), std::nullopt, std::nullopt}})),
                 tusk::decode_error);
    EXPECT_EQ(store_->find(tusk::orm::table_of<author>(), *number<std::int64_t>(9)), nullptr);
    try {
        read(result_of({column("id", int8), column("name", int8), column("mentor_id", int8)}, {}));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const tusk::decode_error& e) {
        expect_mentions(e, "name", "bigint", "std::string");
    }
}

TEST(orm_loading_keys, of_several_columns_are_kept_apart)
{
    const auto& table = tusk::orm::table_of<shelf>();
    const std::vector<std::size_t> positions{1, 0};
    const auto rows = result_of({column("place", text), column("room", int4)},
                                {{"a", number<std::int32_t>(1)}, {std::nullopt, number<std::int32_t>(1)}});
    key_reader reader{table.primary_key(), positions, rows.columns()};
    row_fields fields{2};
    fields.look_at(rows[0][0].bytes().data() - sizeof(std::int32_t));
    const std::string key{reader.read(fields).value()};
    tusk::byte_writer scratch;
    shelf same;
    same.room = 1;
    same.place = "a";
    EXPECT_EQ(key, key_of(table, &same, scratch));
    fields.look_at(rows[1][0].bytes().data() - sizeof(std::int32_t));
    EXPECT_EQ(reader.read(fields), std::nullopt);
}

TEST(orm_loading_keys, travel_as_one_array)
{
    const std::string one = *number<std::int64_t>(1);
    const std::string two = *number<std::int64_t>(2);
    key_array keys{1016, int8, false};
    keys.add(one);
    keys.add(two);
    const tusk::detail::parameter parameter = keys.as_parameter();
    EXPECT_EQ(parameter.declared(), 1016U);
    byte_writer out;
    tusk::format as{};
    EXPECT_TRUE(parameter.operations->write(parameter.value, tusk::oid{1016}, out, as));
    EXPECT_EQ(as, tusk::format::binary);
    const auto decode = tusk::detail::ask_decoder<std::vector<std::int64_t>>(tusk::oid{1016}, as);
    EXPECT_EQ(decode(out.bytes()), (std::vector<std::int64_t>{1, 2}));
}

TEST(orm_loading_keys, that_are_text_are_quoted)
{
    key_array keys{0, 0, true};
    keys.add("plain");
    keys.add("with \"quotes\", and a comma");
    const tusk::detail::parameter parameter = keys.as_parameter();
    byte_writer out;
    tusk::format as{};
    EXPECT_TRUE(parameter.operations->write(parameter.value, tusk::oid{1009}, out, as));
    EXPECT_EQ(as, tusk::format::text);
    const auto decode = tusk::detail::ask_decoder<std::vector<std::string>>(tusk::oid{1009}, as);
    EXPECT_EQ(decode(out.bytes()), (std::vector<std::string>{"plain", "with \"quotes\", and a comma"}));
}

TEST(orm_loading_count, says_what_was_wanted)
{
    EXPECT_NO_THROW(check_row_count(0, row_bound::any));
    EXPECT_NO_THROW(check_row_count(5, row_bound::first));
    EXPECT_NO_THROW(check_row_count(1, row_bound::one));
    EXPECT_NO_THROW(check_row_count(0, row_bound::one_or_none));
    EXPECT_THROW(check_row_count(0, row_bound::one), tusk::row_count_error);
    EXPECT_THROW(check_row_count(2, row_bound::one), tusk::row_count_error);
    EXPECT_THROW(check_row_count(2, row_bound::one_or_none), tusk::row_count_error);
}

} // namespace
