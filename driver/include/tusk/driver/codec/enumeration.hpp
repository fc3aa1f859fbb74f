#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/detail/join.hpp>
#include <tusk/driver/enum_names.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace tusk {

namespace detail {

/// Whether a type's values can be labels: an enum, a text type, or a type that nobody looked up. In binary and in text
/// alike they are the label.
bool can_be_label(server_type type, format as) noexcept;
/// The format in which a label goes to such a type.
format label_format(server_type type) noexcept;

[[noreturn]] void fail_label(std::string_view enumeration);
[[noreturn]] void fail_enumerator(std::string_view enumeration);

} // namespace detail

/// A C++ enum whose labels are named by `tusk::enum_names`.
template <detail::named_enum Enum>
struct codec<Enum> {
    static constexpr std::string_view name = detail::class_name<Enum>();
    static constexpr std::string_view fits = "enums, text, character varying";

    static decode_function<Enum> decoder(server_type type, format as) noexcept
    {
        return detail::can_be_label(type, as) ? read : nullptr;
    }

    static encode_plan<Enum> encoder(server_type type) noexcept
    {
        if (!detail::can_be_label(type, format::text))
            return {};
        return {write, detail::label_format(type)};
    }

private:
    static Enum read(std::span<const std::byte> bytes)
    {
        const std::string_view label{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        for (const auto& each : enum_names<Enum>)
            if (each.label == label)
                return each.value;
        detail::fail_label(name);
    }

    static void write(const Enum& value, byte_writer& out)
    {
        for (const auto& each : enum_names<Enum>) {
            if (each.value == value) {
                out.put_text(each.label);
                return;
            }
        }
        detail::fail_enumerator(name);
    }
};

} // namespace tusk
