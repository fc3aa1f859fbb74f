#pragma once

/// Reads json and jsonb as `nlohmann::json`, and writes them from it. Not part of `<tusk/driver.hpp>`: include it where
/// the library (Debian: nlohmann-json3-dev) is at hand.

#include <tusk/driver/codec.hpp>
#include <tusk/driver/codec/text.hpp>
#include <tusk/driver/error.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tusk {

namespace detail {

/// JSON as a library's document. How a document gets into json and jsonb, text knows.
///
/// Numbers are the library's: a number with more digits than a double has is rounded when it is read. Read such a
/// column as `std::string`. Text that is not UTF-8 is an `encode_error`.
template <class Document>
struct json_codec {
    static constexpr std::string_view fits = "json, jsonb";

    static decode_function<Document> decoder(oid type, format as) noexcept
    {
        switch (type) {
        case json_type: return from_plain;
        case jsonb_type: return as == format::text ? from_plain : from_versioned;
        default: return nullptr;
        }
    }

    static encode_plan<Document> encoder(oid type) noexcept
    {
        switch (type) {
        case json_type: return {to_json<json_type>, format::binary};
        case jsonb_type: return {to_json<jsonb_type>, format::binary};
        default: return {};
        }
    }

private:
    static constexpr oid json_type = 114;
    static constexpr oid jsonb_type = 3802;

    static Document from_plain(std::span<const std::byte> bytes) { return parse<json_type>(bytes); }
    static Document from_versioned(std::span<const std::byte> bytes) { return parse<jsonb_type>(bytes); }

    template <oid Type>
    static Document parse(std::span<const std::byte> bytes)
    {
        const auto text = codec<std::string_view>::decoder(Type, format::binary)(bytes);
        Document document = Document::parse(text.begin(), text.end(), nullptr, false);
        if (document.is_discarded())
            throw decode_error{"a value of type json cannot be read: nlohmann::json does not take its text; read the "
                               "column as std::string to see it"};
        return document;
    }

    template <oid Type>
    static void to_json(const Document& document, byte_writer& out)
    {
        std::string text;
        try {
            text = document.dump();
        } catch (const typename Document::exception&) {
            throw encode_error{"the value does not fit json: it holds text that is not UTF-8"};
        }
        codec<std::string>::encoder(Type).write(text, out);
    }
};

} // namespace detail

template <>
struct codec<nlohmann::json> : detail::json_codec<nlohmann::json> {
    static constexpr std::string_view name = "nlohmann::json";
};

/// As `nlohmann::json`, with the members of an object in the order of the text. jsonb has an order of its own.
template <>
struct codec<nlohmann::ordered_json> : detail::json_codec<nlohmann::ordered_json> {
    static constexpr std::string_view name = "nlohmann::ordered_json";
};

} // namespace tusk
