#pragma once

#include <tusk/driver/as_type.hpp>
#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/codecs.hpp>
#include <tusk/driver/detail/native_form.hpp>
#include <tusk/driver/oid.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace tusk::detail {

/// What compiled code needs to know of a parameter's C++ type.
struct parameter_operations {
    std::string_view cpp_type;
    /// Travels as text into any type, so that the server's choice need not be known.
    bool fits_any_type;
    /// The OID that the sender declared, else 0.
    oid (*declared)(const void* value);
    bool (*is_null)(const void* value);
    /// Writes the value without its length and says in which format; false where the C++ type does not fit `type`.
    bool (*write)(const void* value, server_type type, byte_writer& out, format& as);
    /// How the value lies in memory, and the type for which it travels as it lies there.
    native_form native = native_form::none;
    oid native_type = 0;
};

/// One parameter of a request, type-erased.
struct parameter {
    const void* value = nullptr;
    const parameter_operations* operations = nullptr;
    /// The OID that whoever lists it declares for it, whatever its value says; 0 for none.
    oid type = 0;

    [[nodiscard]] oid declared() const { return type != 0 ? type : operations->declared(value); }
};

/// How each form that an argument can take is seen: as a value, with or without NULL and a declared type.
template <class T>
struct parameter_form {
    using value = T;
    static oid declared(const T&) noexcept { return 0; }
    static const T* get(const T& argument) noexcept { return &argument; }
};

template <class T>
struct parameter_form<std::optional<T>> {
    using value = T;
    static oid declared(const std::optional<T>&) noexcept { return 0; }
    static const T* get(const std::optional<T>& argument) noexcept { return argument ? &*argument : nullptr; }
};

template <class T>
struct parameter_form<typed_value<T>> {
    using inner = parameter_form<T>;
    using value = typename inner::value;
    static oid declared(const typed_value<T>& argument) noexcept { return argument.type(); }
    static const value* get(const typed_value<T>& argument) noexcept { return inner::get(argument.value()); }
};

/// NULL itself: it fits any parameter, so it stands for text.
template <>
struct parameter_form<std::nullopt_t> {
    using value = std::string;
    static oid declared(std::nullopt_t) noexcept { return 0; }
    static const std::string* get(std::nullopt_t) noexcept { return nullptr; }
};
template <>
struct parameter_form<std::nullptr_t> {
    using value = std::string;
    static oid declared(std::nullptr_t) noexcept { return 0; }
    static const std::string* get(std::nullptr_t) noexcept { return nullptr; }
};

template <class T>
concept parameter_type = has_codec<typename parameter_form<T>::value>;

template <parameter_type T>
inline constexpr parameter_operations operations_of{
    codec<typename parameter_form<T>::value>::name,
    std::is_same_v<typename parameter_form<T>::value, std::string>,
    [](const void* value) { return parameter_form<T>::declared(*static_cast<const T*>(value)); },
    [](const void* value) { return parameter_form<T>::get(*static_cast<const T*>(value)) == nullptr; },
    [](const void* value, server_type type, byte_writer& out, format& as) {
        const auto plan = ask_encoder<typename parameter_form<T>::value>(type);
        if (!plan)
            return false;
        const auto& given = *parameter_form<T>::get(*static_cast<const T*>(value));
        as = format_of(plan, given);
        plan.write(given, out);
        return true;
    },
    native_wire<T>::form,
    native_wire<T>::type,
};

template <class T>
parameter parameter_for(const T& value) noexcept
{
    static_assert(parameter_type<T>, "tusk: this type cannot be a parameter; specialise tusk::codec<T> for it, "
                                     "or bind a std::string, which any type accepts as text");
    return {&value, &operations_of<T>};
}

} // namespace tusk::detail
