#include <tusk/driver/codec/hstore.hpp>

#include "types/failures.hpp"
#include "types/wire.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/detail/length_scope.hpp>

#include <limits>
#include <string_view>
#include <utility>

namespace tusk {

namespace {

[[noreturn]] void fail_text(std::string_view why) { types::fail_decode("hstore", why); }

bool is_hstore(server_type type) noexcept { return type.info() != nullptr && type.name() == "hstore"; }

hstore from_binary(std::span<const std::byte> bytes)
{
    byte_reader from{bytes, "hstore"};
    const auto count = from.take<std::int32_t>();
    if (count < 0)
        types::fail_decode("hstore", "it says that it has a negative number of pairs");
    hstore pairs;
    for (std::int32_t i = 0; i != count; ++i) {
        std::span<const std::byte> part;
        if (!detail::take_part(from, part))
            types::fail_decode("hstore", "one of its keys is NULL");
        std::optional<std::string>& value = pairs[std::string{types::as_text(part)}];
        if (detail::take_part(from, part))
            value = types::as_text(part);
        else
            value.reset();
    }
    from.expect_end();
    return pairs;
}

/// Takes `"text"` with backslashes before quotes and backslashes, or a bare word.
std::string take_word(std::string_view& text)
{
    std::string word;
    if (!text.starts_with('"')) {
        const std::size_t end = text.find_first_of("=, ");
        word = text.substr(0, end);
        if (word.empty())
            fail_text("its text has no key or value where one should be");
        text.remove_prefix(word.size());
        return word;
    }
    std::size_t at = 1;
    for (; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') {
            ++at;
            if (at == text.size())
                break;
        }
        word += text[at];
    }
    if (at >= text.size())
        fail_text("its text ends inside quotes");
    text.remove_prefix(at + 1);
    return word;
}

hstore from_text(std::span<const std::byte> bytes)
{
    std::string_view text = types::as_text(bytes);
    hstore pairs;
    while (!text.empty()) {
        std::string key = take_word(text);
        if (!text.starts_with("=>"))
            fail_text("its text has no => behind a key");
        text.remove_prefix(2);
        const bool is_bare = !text.starts_with('"');
        std::string value = take_word(text);
        if (is_bare && value == "NULL")
            pairs[std::move(key)].reset();
        else
            pairs[std::move(key)] = std::move(value);
        if (text.empty())
            break;
        if (!text.starts_with(", ") || text.size() == 2)
            fail_text("its text does not go on behind a pair");
        text.remove_prefix(2);
    }
    return pairs;
}

void put_part(std::string_view part, byte_writer& out)
{
    if (part.find('\0') != std::string_view::npos)
        types::fail_encode("hstore", "a key or value holds a zero byte, which PostgreSQL text cannot hold");
    detail::length_scope scope{out};
    out.put_text(part);
    scope.end();
}

void to_binary(const hstore& value, byte_writer& out)
{
    if (value.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        types::fail_encode("hstore", "it has more pairs than PostgreSQL can hold");
    out.put(static_cast<std::int32_t>(value.size()));
    for (const auto& [key, held] : value) {
        put_part(key, out);
        if (held)
            put_part(*held, out);
        else
            out.put(std::int32_t{-1});
    }
}

} // namespace

decode_function<hstore> codec<hstore>::decoder(server_type type, format as) noexcept
{
    if (as == format::text)
        return is_hstore(type) || type.kind() == type_kind::unknown ? from_text : nullptr;
    return is_hstore(type) ? from_binary : nullptr;
}

encode_plan<hstore> codec<hstore>::encoder(server_type type) noexcept
{
    if (!is_hstore(type))
        return {};
    return {to_binary, format::binary};
}

} // namespace tusk
