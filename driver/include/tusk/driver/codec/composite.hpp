#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/detail/composite_members.hpp>
#include <tusk/driver/detail/composite_wire.hpp>
#include <tusk/driver/detail/element_name.hpp>
#include <tusk/driver/detail/is_borrowed.hpp>
#include <tusk/driver/detail/join.hpp>
#include <tusk/driver/detail/optional_value.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tusk {

namespace detail {

inline constexpr oid record_type = 2249;

template <class C, class Members>
class composite_decoder;

template <class C, class... M>
class composite_decoder<C, std::tuple<M...>>
{
public:
    composite_decoder() = default;
    composite_decoder(server_type type, format as) : type_{type}, as_{as}
    {
        if (as == format::text && (borrows<M>() || ...))
            return;
        const type_kind kind = type.kind();
        if (kind == type_kind::composite) {
            fits_ = type.field_count() == sizeof...(M) && ask(std::index_sequence_for<M...>{});
        } else if (as == format::binary) {
            // A record tells its fields in each value, and so does a composite that nobody looked up.
            is_dynamic_ = type == record_type || (kind == type_kind::unknown && type != 0);
            fits_ = is_dynamic_;
        } else if (type == record_type) {
            fits_ = ask(std::index_sequence_for<M...>{}); // as text: nothing says what the fields are
        }
    }

    explicit operator bool() const noexcept { return fits_; }

    C operator()(std::span<const std::byte> bytes) const
    {
        composite_reader from{bytes, type_, sizeof...(M), as_};
        return read(from, std::index_sequence_for<M...>{});
    }

private:
    [[nodiscard]] server_type field(std::size_t position) const noexcept
    {
        return position < type_.field_count() ? type_.field(position) : server_type{};
    }

    template <std::size_t... I>
    bool ask(std::index_sequence<I...>)
    {
        ((std::get<I>(fields_) = ask_decoder<without_optional<M>>(field(I), as_)), ...);
        return (static_cast<bool>(std::get<I>(fields_)) && ...);
    }

    template <std::size_t... I>
    C read(composite_reader& from, std::index_sequence<I...>) const
    {
        if constexpr (is_tuple<C>) {
            C result{take<I, M>(from)...}; // braces: in the order of the fields
            from.finish();
            return result;
        } else {
            C result{};
            std::apply([&](auto&... member) { ((member = take<I, M>(from)), ...); }, tie_members(result));
            from.finish();
            return result;
        }
    }

    template <std::size_t I, class Member>
    Member take(composite_reader& from) const
    {
        using value = without_optional<Member>;
        server_type type = field(I);
        std::span<const std::byte> bytes;
        if (!from.next(type, bytes)) {
            if constexpr (optional_value<Member>::optional)
                return std::nullopt;
            else
                fail_null_field(codec<C>::name, I, codec<value>::name);
        }
        if (!is_dynamic_)
            return std::get<I>(fields_)(bytes);
        const decoder_of<value> decode = ask_decoder<value>(type, as_);
        if (!decode)
            fail_field_type(codec<C>::name, I, type, codec<value>::name);
        return decode(bytes);
    }

    server_type type_;
    format as_{};
    bool fits_ = false;
    bool is_dynamic_ = false;
    std::tuple<decoder_of<without_optional<M>>...> fields_{};
};

template <class C, class Members>
class composite_encoder;

template <class C, class... M>
class composite_encoder<C, std::tuple<M...>>
{
public:
    composite_encoder() = default;
    explicit composite_encoder(server_type type) : type_{type}
    {
        if (type.kind() == type_kind::composite && type.field_count() == sizeof...(M))
            ask(std::index_sequence_for<M...>{});
    }

    explicit operator bool() const noexcept { return fits_; }

    void write(const C& value, byte_writer& out) const
    {
        composite_writer to{out, sizeof...(M), as};
        if constexpr (is_tuple<C>)
            put(value, to, out, std::index_sequence_for<M...>{});
        else
            put(tie_members(value), to, out, std::index_sequence_for<M...>{});
        to.finish();
    }

    format as = format::binary;

private:
    template <std::size_t... I>
    void ask(std::index_sequence<I...>)
    {
        ((std::get<I>(fields_) = ask_part_encoder<without_optional<M>>(type_.field(I))), ...);
        if (!(static_cast<bool>(std::get<I>(fields_)) && ...))
            return;
        const bool all_binary = ((std::get<I>(fields_).as == format::binary) && ...);
        as = all_binary ? format::binary : format::text;
        fits_ = all_binary || (has_text<I>() && ...);
    }

    /// One field that goes out in text alone takes the others with it.
    template <std::size_t I>
    [[nodiscard]] bool has_text() const
    {
        return std::is_arithmetic_v<value_of<I>> || std::get<I>(fields_).as == format::text ||
               std::is_convertible_v<const value_of<I>&, std::string_view>;
    }

    template <std::size_t I>
    using value_of = without_optional<std::tuple_element_t<I, std::tuple<M...>>>;

    template <class Tied, std::size_t... I>
    void put(const Tied& members, composite_writer& to, byte_writer& out, std::index_sequence<I...>) const
    {
        (put_field<I>(std::get<I>(members), to, out), ...);
    }

    template <std::size_t I, class Member>
    void put_field(const Member& member, composite_writer& to, byte_writer& out) const
    {
        const value_of<I>* value = nullptr;
        if constexpr (optional_value<Member>::optional)
            value = member ? &*member : nullptr;
        else
            value = &member;
        if (value == nullptr) {
            to.null(type_.field(I));
            return;
        }
        to.begin(type_.field(I));
        const auto& plan = std::get<I>(fields_);
        if (plan.as == as)
            plan.write(*value, out);
        else
            put_text<value_of<I>>(*value, out);
        to.end();
    }

    template <class Value>
    static void put_text([[maybe_unused]] const Value& value, [[maybe_unused]] byte_writer& out)
    {
        if constexpr (std::same_as<Value, bool> || std::same_as<Value, char> || std::floating_point<Value>)
            put_text_form(out, value);
        else if constexpr (std::signed_integral<Value>)
            put_text_form(out, static_cast<long long>(value));
        else if constexpr (std::unsigned_integral<Value>)
            put_text_form(out, static_cast<unsigned long long>(value));
        else if constexpr (std::is_convertible_v<const Value&, std::string_view>)
            out.put_text(std::string_view{value});
    }

    server_type type_;
    bool fits_ = false;
    std::tuple<encoder_of<without_optional<M>>...> fields_{};
};

template <class Members>
struct member_names;
template <class... M>
struct member_names<std::tuple<M...>> {
    static constexpr std::string_view names = listed<words::comma, element_name<M>::value...>::value;
    static constexpr std::string_view fits = listed<words::fields_between, codec<without_optional<M>>::fits...>::value;
};

template <class C>
struct composite_name {
    static constexpr std::string_view value = class_name<C>();
};
template <class... M>
struct composite_name<std::tuple<M...>> {
    static constexpr std::string_view value =
        joined<words::in_tuple, member_names<std::tuple<M...>>::names, words::close>::value;
};

} // namespace detail

/// A composite value as an aggregate or a tuple, field by field in their order; `std::optional<T>` where a field may be
/// NULL.
///
/// Where a *row* is asked for, the same types take the row: `query_one<point>` reads two columns. A composite column is
/// a member of a row type, or the only element of a tuple: `query_one<std::tuple<point>>`.
///
/// A record that has no type in the catalog (`SELECT ROW(1, 'x')`) is read in the same way; PostgreSQL takes none as
/// parameter. In text format nothing says what the fields of such a record are, so there only text fits them.
template <detail::plain_composite C>
struct codec<C> {
    using members = typename detail::members_of<C>::type;

    static constexpr bool is_plain_composite = true;
    static constexpr std::string_view name = detail::composite_name<C>::value;
    static constexpr std::string_view fits =
        detail::joined<detail::words::composites_of, detail::member_names<members>::fits, detail::words::end>::value;

    static detail::composite_decoder<C, members> decoder(server_type type, format as) { return {type, as}; }
    static detail::composite_encoder<C, members> encoder(server_type type)
    {
        return detail::composite_encoder<C, members>{type};
    }
};

} // namespace tusk
