// Containers without a server: their exact bytes, random values, random bytes.

#include <tusk/driver/codecs.hpp>
#include <tusk/driver/error.hpp>

#include "codec_testing.hpp"
#include "fuzz/user_types.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace {

using namespace codec_testing;
using namespace tusk::test;
using tusk::exclusive;
using tusk::format;
using tusk::inclusive;
using tusk::oid;
using tusk::server_type;
using tusk::type_kind;
using tusk::unbounded;

constexpr oid int4 = 23;
constexpr oid text = 25;
constexpr oid int4_array = 1007;
constexpr oid text_array = 1009;
constexpr oid int4range = 3904;
constexpr oid int4multirange = 4451;

template <class T>
T read(std::span<const std::byte> bytes, server_type type, format as)
{
    const auto decode = tusk::detail::ask_decoder<T>(type, as);
    if (!decode)
        throw std::logic_error{"the C++ type does not fit the server type"};
    return decode(bytes);
}

template <class T>
T read_hex(std::string_view hex, server_type type)
{
    return read<T>(from_hex(hex), type, format::binary);
}

template <class T>
T read_text(std::string_view chars, server_type type)
{
    return read<T>(std::as_bytes(std::span{chars}), type, format::text);
}

template <class T>
std::pair<tusk::byte_writer, format> written(const T& value, server_type type)
{
    const auto plan = tusk::detail::ask_encoder<T>(type);
    if (!plan)
        throw std::logic_error{"the C++ type does not fit the server type"};
    std::pair<tusk::byte_writer, format> made;
    plan.write(value, made.first);
    made.second = plan.as;
    return made;
}

// ---- The exact bytes.

TEST(codec_containers, arrays_in_binary)
{
    const std::string one_two = "00000001" // dimensions
                                "00000000" // no NULL
                                "00000017" // integer
                                "00000002" // size
                                "00000001" // lower bound
                                "0000000400000001"
                                "0000000400000002";
    EXPECT_EQ(to_hex(written(std::vector<int>{1, 2}, int4_array).first.bytes()), one_two);
    EXPECT_EQ(read_hex<std::vector<int>>(one_two, int4_array), (std::vector<int>{1, 2}));
    EXPECT_EQ(to_hex(written(std::vector<int>{}, int4_array).first.bytes()), "000000000000000000000017");
    const std::vector<std::optional<int>> holes{std::nullopt};
    EXPECT_EQ(to_hex(written(holes, int4_array).first.bytes()), "0000000100000001000000170000000100000001ffffffff");
}

TEST(codec_containers, ranges_in_binary)
{
    EXPECT_EQ(to_hex(written(tusk::range<int>{}, int4range).first.bytes()), "01");
    EXPECT_EQ(to_hex(written(tusk::range<int>{inclusive{1}, exclusive{5}}, int4range).first.bytes()),
              "0200000004000000010000000400000005");
    EXPECT_EQ(to_hex(written(tusk::range<int>{unbounded{}, unbounded{}}, int4range).first.bytes()), "18");
    EXPECT_EQ(to_hex(written(tusk::multirange<int>{{tusk::range<int>{}}}, int4multirange).first.bytes()),
              "000000010000000101");
}

TEST(codec_containers, composites_in_binary_and_text)
{
    using pair = std::tuple<std::optional<int>, std::optional<std::string>>;
    const type_ptr type = make_composite(20000, "pair", {{int4, nullptr}, {text, nullptr}});
    const pair value{7, std::nullopt};
    EXPECT_EQ(to_hex(written(value, as_server_type(type)).first.bytes()), "00000002"
                                                                          "000000170000000400000007"
                                                                          "00000019ffffffff");
    EXPECT_EQ(read_text<pair>("(,\"a\"\"b\\\\\")", as_server_type(type)), (pair{std::nullopt, "a\"b\\"}));
    EXPECT_EQ(read_text<pair>("(,)", as_server_type(type)), pair{});
    EXPECT_EQ(read_text<pair>("(-1,\"\")", as_server_type(type)), (pair{-1, ""}));
}

// ---- What is refused.

TEST(codec_containers, malformed_text_is_refused)
{
    for (const std::string_view bad :
         {"",     "{",         "}",        "{1",        "1}",          "{1,}",      "{,1}",
          "{1}}", "{{1}",      "{{1},2}",  "{1,{2}}",   "{{1},{2,3}}", "{1}x",      "{\"1}",
          "{1\\", "[1:2]={1}", "[1:1]{1}", "[2:1]={1}", "[1:1]={}",    "[a:1]={1}", "{{{{{{{1}}}}}}}",
          "{}{}", "{a}"})
        EXPECT_THROW(read_text<std::vector<int>>(bad, int4_array), tusk::decode_error) << bad;
    for (const std::string_view bad :
         {"", "[", "[1", "[1,", "[1,2", "1,2]", "[1]", "[1,2,3]", "[1,2]x", "[\"1,2]", "Empty"})
        EXPECT_THROW(read_text<tusk::range<int>>(bad, int4range), tusk::decode_error) << bad;
    for (const std::string_view bad : {"", "{", "{[1,2)", "[1,2)", "{[1,2),}", "{[1,2)[3,4)}", "{,}"})
        EXPECT_THROW(read_text<tusk::multirange<int>>(bad, int4multirange), tusk::decode_error) << bad;
    const type_ptr hstore = make_type(20001, type_kind::scalar, "hstore");
    for (const std::string_view bad :
         {"a", "\"a", "\"a\"", "\"a\"=>", "\"a\"=>\"b", "\"a\"=>\"b\",", "\"a\"=>\"b\", ", "=>"})
        EXPECT_THROW(read_text<tusk::hstore>(bad, as_server_type(hstore)), tusk::decode_error) << bad;
}

TEST(codec_containers, an_array_does_not_allocate_on_the_senders_word)
{
    // A thousand million elements in 20 bytes.
    EXPECT_THROW(read_hex<std::vector<int>>("0000000100000000000000173b9aca0000000001", int4_array),
                 tusk::decode_error);
    // More dimensions than there are, and sizes whose product overflows.
    EXPECT_THROW(read_hex<std::vector<int>>("000000070000000000000017", int4_array), tusk::decode_error);
    EXPECT_THROW(read_hex<std::vector<int>>("0000000200000000000000177fffffff000000017fffffff00000001", int4_array),
                 tusk::decode_error);
}

TEST(codec_containers, a_composite_that_changed_is_found_out_and_marked)
{
    using pair = std::tuple<int, int>;
    const type_ptr type = make_composite(20000, "pair", {{int4, nullptr}, {int4, nullptr}});
    EXPECT_THROW(read_hex<pair>("00000001000000170000000400000007", as_server_type(type)), tusk::decode_error);
    EXPECT_TRUE(type->outdated->load());
    const type_ptr other = make_composite(20000, "pair", {{int4, nullptr}, {int4, nullptr}});
    EXPECT_THROW(read_hex<pair>("00000002000000170000000400000007000000190000000131", as_server_type(other)),
                 tusk::decode_error);
    EXPECT_TRUE(other->outdated->load());
}

TEST(codec_containers, alternatives_with_different_formats_do_not_fit_into_a_container)
{
    using value = std::variant<int, std::string>;
    EXPECT_TRUE(tusk::detail::ask_encoder<value>(int4));
    EXPECT_FALSE(tusk::detail::ask_encoder<std::vector<value>>(int4_array));
    EXPECT_TRUE((tusk::detail::ask_encoder<std::vector<std::variant<int, bool>>>(int4_array)));
}

// ---- Random values.

class random_values
{
public:
    explicit random_values(unsigned seed) : engine_{seed} {}

    std::size_t below(std::size_t limit) { return engine_() % limit; }
    int number() { return below(4) == 0 ? std::numeric_limits<int>::min() : static_cast<int>(engine_()); }

    std::string word()
    {
        static constexpr std::array<std::string_view, 12> pieces{"\"", "\\", ",",    "{", "}", "(",
                                                                 ")",  " ",  "NULL", "a", "ž", "=>"};
        std::string made;
        for (std::size_t i = below(6); i != 0; --i)
            made += pieces[below(pieces.size())];
        return made;
    }

    std::optional<std::string> maybe_word() { return below(4) == 0 ? std::nullopt : std::optional{word()}; }

    template <class T, class Make>
    std::vector<T> several(Make make)
    {
        std::vector<T> made;
        for (std::size_t i = below(5); i != 0; --i)
            made.push_back(make());
        return made;
    }

    template <class T, class Make>
    tusk::range<T> range(Make make)
    {
        const auto bound = [&]() -> typename tusk::range<T>::bound {
            switch (below(3)) {
            case 0: return unbounded{};
            case 1: return inclusive<T>{make()};
            default: return exclusive<T>{make()};
            }
        };
        if (below(8) == 0)
            return {};
        typename tusk::range<T>::bound lower = bound();
        return {std::move(lower), bound()};
    }

    std::vector<std::byte> damaged(std::span<const std::byte> bytes)
    {
        std::vector<std::byte> made(bytes.begin(), bytes.end());
        for (std::size_t i = below(3) + 1; i != 0 && !made.empty(); --i) {
            const auto at = static_cast<std::ptrdiff_t>(below(made.size()));
            switch (below(3)) {
            case 0: made[static_cast<std::size_t>(at)] = static_cast<std::byte>(engine_() % 256); break;
            case 1: made.erase(made.begin() + at); break;
            default: made.insert(made.begin() + at, static_cast<std::byte>(engine_() % 256)); break;
            }
        }
        return made;
    }

private:
    std::mt19937_64 engine_;
};

/// Every type of this test: what it is on the server, and how a value is made.
template <class Test>
void for_all_types(Test test)
{
    static const type_ptr pair = make_composite(20000, "pair", {{int4, nullptr}, {text_array, nullptr}});
    static const type_ptr pairs = make_part_of(20001, type_kind::array, "pair[]", 20000, pair);
    static const type_ptr words = make_part_of(20002, type_kind::range, "words", text);
    static const type_ptr lists = make_part_of(20003, type_kind::multirange, "lists", 20002, words);
    static const type_ptr hstore = make_type(20004, type_kind::scalar, "hstore");
    static const type_ptr domain = make_part_of(20005, type_kind::domain, "several", 20001, pairs);
    // Its fields go out in text, for text fits a date.
    static const type_ptr day = make_composite(20006, "day", {{1082, nullptr}, {int4, nullptr}});
    using words_or_none = std::vector<std::optional<std::string>>;
    using member = std::tuple<std::optional<int>, words_or_none>;
    const auto make_words = [](random_values& from) {
        return from.several<std::optional<std::string>>([&] { return from.maybe_word(); });
    };
    const auto make_member = [=](random_values& from) {
        std::optional<int> number;
        if (from.below(3) != 0)
            number = from.number();
        return member{number, make_words(from)};
    };
    test(server_type{int4_array}, [](random_values& from) { return from.several<int>([&] { return from.number(); }); });
    test(server_type{text_array}, make_words);
    test(server_type{text_array}, [](random_values& from) {
        return from.several<std::array<std::string, 2>>(
            [&] { return std::array<std::string, 2>{from.word(), from.word()}; });
    });
    test(server_type{1115}, [](random_values& from) { // text for timestamps, so the array goes out in text
        return tusk::array<std::optional<std::string>>{{{2, static_cast<int>(from.below(5)) - 2}},
                                                       {from.maybe_word(), from.maybe_word()}};
    });
    test(as_server_type(words),
         [](random_values& from) { return from.range<std::string>([&] { return from.word(); }); });
    test(as_server_type(lists), [](random_values& from) {
        return tusk::multirange<std::string>{from.several<tusk::range<std::string>>(
            [&] { return from.range<std::string>([&] { return from.word(); }); })};
    });
    test(as_server_type(pair), make_member);
    test(as_server_type(domain), [=](random_values& from) {
        return from.several<std::optional<member>>(
            [&] { return from.below(4) == 0 ? std::nullopt : std::optional{make_member(from)}; });
    });
    test(as_server_type(hstore), [](random_values& from) {
        tusk::hstore made;
        for (std::size_t i = from.below(4); i != 0; --i)
            made[from.word()] = from.maybe_word();
        return made;
    });
    test(as_server_type(day), [](random_values& from) {
        return std::tuple<std::optional<std::string>, std::optional<int>>{from.maybe_word(), from.number()};
    });
}

TEST(codec_containers, random_values_come_back)
{
    random_values from{20};
    for_all_types([&](server_type type, auto make) {
        for (int i = 0; i != 500; ++i) {
            const auto value = make(from);
            const auto [out, as] = written(value, type);
            using value_type = std::remove_const_t<decltype(value)>;
            EXPECT_EQ(read<value_type>(out.bytes(), type, as), value) << to_hex(out.bytes());
        }
    });
}

TEST(codec_containers, damaged_values_are_read_or_refused)
{
    random_values from{21};
    std::size_t refused = 0;
    for_all_types([&](server_type type, auto make) {
        for (int i = 0; i != 500; ++i) {
            const auto value = make(from);
            const auto [out, as] = written(value, type);
            try {
                (void)read<std::remove_const_t<decltype(value)>>(from.damaged(out.bytes()), type, as);
            } catch (const tusk::decode_error&) {
                ++refused;
            }
        }
    });
    EXPECT_GT(refused, 100U);
}

} // namespace
