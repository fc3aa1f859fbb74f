#pragma once

#include <tusk/driver/codecs.hpp>
#include <tusk/driver/detail/optional_value.hpp>
#include <tusk/driver/field_view.hpp>
#include <tusk/orm/deferred.hpp>
#include <tusk/orm/detail/operations.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::orm::detail {

[[noreturn]] void fail_null_column(std::string_view column, std::string_view cpp_type);

/// @tparam Member  The member as it is declared: `T`, `std::optional<T>`, or `deferred` of one of them.
template <class Member>
class member_reader final : public field_reader
{
    using value = stored_in<Member>;
    using plain = typename tusk::detail::optional_value<value>::type;

public:
    explicit member_reader(const tusk::column& of) : decode_{tusk::detail::decoder_for<plain>(of)}, column_{of.name} {}

    void read(std::span<const std::byte> bytes, void* member) const override
    {
        *static_cast<Member*>(member) = decode_(bytes);
    }

    void read_null(void* member) const override
    {
        if constexpr (tusk::detail::optional_value<value>::optional)
            *static_cast<Member*>(member) = value{};
        else
            fail_null_column(column_, codec<plain>::name);
    }

private:
    tusk::detail::decoder_of<plain> decode_;
    std::string column_;
};

template <class Member>
std::unique_ptr<field_reader> make_member_reader(const tusk::column& of)
{
    return std::make_unique<member_reader<Member>>(of);
}

/// A deferred member as a parameter: only those that hold a value are ever written.
template <class T>
inline constexpr tusk::detail::parameter_operations deferred_operations_of{
    tusk::detail::operations_of<T>.cpp_type,
    tusk::detail::operations_of<T>.fits_any_type,
    [](const void* of) { return tusk::detail::operations_of<T>.declared(&static_cast<const deferred<T>*>(of)->get()); },
    [](const void* of) { return tusk::detail::operations_of<T>.is_null(&static_cast<const deferred<T>*>(of)->get()); },
    [](const void* of, server_type type, byte_writer& out, format& as) {
        return tusk::detail::operations_of<T>.write(&static_cast<const deferred<T>*>(of)->get(), type, out, as);
    },
};

} // namespace tusk::orm::detail
