#include "loading/key_array.hpp"

#include <tusk/driver/array.hpp>
#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/array_wire.hpp>
#include <tusk/driver/server_type.hpp>

#include <array>
#include <cstdint>
#include <span>

namespace tusk::orm::detail {

struct key_array_operations {
    static const key_array& of(const void* value) { return *static_cast<const key_array*>(value); }

    static bool write(const void* value, server_type type, byte_writer& out, format& as)
    {
        const key_array& keys = of(value);
        as = keys.is_text_ ? format::text : format::binary;
        server_type element = type.base().of();
        if (element.number() == 0)
            element = keys.element_;
        const std::array size{array_dimension{static_cast<std::int32_t>(keys.values_.size()), 1}};
        tusk::detail::array_writer array{out, element, as, std::span{size}.first(keys.values_.empty() ? 0 : 1)};
        for (const std::string_view each : keys.values_) {
            array.begin();
            out.put_text(each);
            array.end();
        }
        array.finish();
        return true;
    }

    static constexpr tusk::detail::parameter_operations all{"a list of keys", false,
                                                            [](const void* value) { return of(value).array_; },
                                                            [](const void* /*value*/) { return false; }, &write};
};

tusk::detail::parameter key_array::as_parameter() const noexcept { return {this, &key_array_operations::all, array_}; }

struct key_value_operations {
    static const key_value& of(const void* value) { return *static_cast<const key_value*>(value); }

    static bool write(const void* value, server_type /*type*/, byte_writer& out, format& as)
    {
        as = of(value).is_text_ ? format::text : format::binary;
        out.put_text(of(value).encoded_);
        return true;
    }

    static constexpr tusk::detail::parameter_operations all{"a key", true,
                                                            [](const void* value) { return of(value).type_; },
                                                            [](const void* /*value*/) { return false; }, &write};
};

tusk::detail::parameter key_value::as_parameter() const noexcept { return {this, &key_value_operations::all, type_}; }

} // namespace tusk::orm::detail
