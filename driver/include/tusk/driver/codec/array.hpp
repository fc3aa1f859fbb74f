#pragma once

#include <tusk/driver/array.hpp>
#include <tusk/driver/codec.hpp>
#include <tusk/driver/detail/array_shape.hpp>
#include <tusk/driver/detail/array_wire.hpp>
#include <tusk/driver/detail/element_name.hpp>
#include <tusk/driver/detail/fixed_wire.hpp>
#include <tusk/driver/detail/is_borrowed.hpp>
#include <tusk/driver/detail/join.hpp>
#include <tusk/driver/detail/optional_value.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace tusk {

namespace detail {

/// Reads an array into nested containers, or into a `tusk::array`.
template <class C, class Element>
class array_decoder
{
public:
    using value = without_optional<Element>;

    array_decoder() = default;
    array_decoder(server_type type, format as) : type_{type}, as_{as}
    {
        // A view into the text of an array would be a view of its escapes.
        if (as == format::text && borrows<value>())
            return;
        const type_kind kind = type.kind();
        // Of an unknown type only the value itself can tell, and only in binary.
        is_dynamic_ = kind == type_kind::unknown && type != 0 && as == format::binary;
        if (kind == type_kind::array && (as == format::binary || is_plain_array(type)))
            decode_ = ask_decoder<value>(type.of(), as);
        fits_ = is_dynamic_ || static_cast<bool>(decode_);
    }

    explicit operator bool() const noexcept { return fits_; }

    C operator()(std::span<const std::byte> bytes) const
    {
        array_reader from{bytes, is_dynamic_ ? server_type{} : type_.of(), as_};
        decoder_of<value> decode = decode_;
        if (is_dynamic_) {
            decode = ask_decoder<value>(from.element(), as_);
            if (!decode)
                fail_element_type(from.element(), codec<C>::name);
        }
        C result = read(from, decode);
        from.finish();
        return result;
    }

private:
    static C read(array_reader& from, const decoder_of<value>& decode)
    {
        if constexpr (array_shape<C>::rank == 0) {
            std::vector<Element> elements;
            take_run(from, decode, elements, from.count());
            return C{{from.dimensions().begin(), from.dimensions().end()}, std::move(elements)};
        } else {
            C result{};
            if (from.dimensions().empty()) {
                expect_empty<C>();
                return result;
            }
            if (from.dimensions().size() != array_shape<C>::rank)
                fail_dimensions(from.dimensions().size(), array_shape<C>::rank, codec<C>::name);
            take(from, decode, result, 0);
            return result;
        }
    }

    template <class Level>
    static void expect_empty()
    {
        if constexpr (requires { std::tuple_size<Level>::value; })
            if constexpr (std::tuple_size_v<Level> != 0)
                fail_extent(0, std::tuple_size_v<Level>, codec<C>::name);
    }

    /// One row of the innermost dimension, or all elements of a `tusk::array`.
    static void take_run(array_reader& from, const decoder_of<value>& decode, std::vector<Element>& into,
                         std::size_t count)
    {
        if constexpr (has_fixed_wire<Element>) {
            if (from.element() == fixed_wire<Element>::type) {
                if (const std::byte* at = count == from.count() ? from.fixed(sizeof(Element)) : nullptr) {
                    into.resize(count);
                    for (Element& each : into) {
                        at += sizeof(std::int32_t);
                        each = fixed_wire<Element>::load(at);
                        at += sizeof(Element);
                    }
                    return;
                }
            }
        }
        into.reserve(count);
        for (std::size_t i = 0; i != count; ++i)
            into.push_back(take_element(from, decode));
    }

    template <class Level>
    static void take(array_reader& from, const decoder_of<value>& decode, Level& into, std::size_t depth)
    {
        const auto size = static_cast<std::size_t>(from.dimensions()[depth].size);
        if constexpr (array_shape<Level>::rank == 1 && requires { into.reserve(size); }) {
            take_run(from, decode, into, size);
        } else if constexpr (requires { into.resize(size); }) {
            into.resize(size);
            for (auto& each : into)
                take(from, decode, each, depth + 1);
        } else {
            if (size != into.size())
                fail_extent(size, into.size(), codec<C>::name);
            for (auto& each : into) {
                if constexpr (array_shape<Level>::rank == 1)
                    each = take_element(from, decode);
                else
                    take(from, decode, each, depth + 1);
            }
        }
    }

    static Element take_element(array_reader& from, const decoder_of<value>& decode)
    {
        std::span<const std::byte> bytes;
        if (from.next(bytes))
            return decode(bytes);
        if constexpr (optional_value<Element>::optional)
            return std::nullopt;
        else
            fail_null_element(codec<C>::name, codec<value>::name);
    }

    server_type type_;
    format as_{};
    bool fits_ = false;
    bool is_dynamic_ = false;
    decoder_of<value> decode_{};
};

/// Writes nested containers, or a `tusk::array`, as an array.
template <class C, class Element>
class array_encoder
{
public:
    using value = without_optional<Element>;

    array_encoder() = default;
    explicit array_encoder(server_type type)
    {
        if (type.kind() != type_kind::array || !is_plain_array(type))
            return;
        element_ = type.of();
        encode_ = ask_part_encoder<value>(element_);
        as = encode_.as;
    }

    explicit operator bool() const noexcept { return static_cast<bool>(encode_); }

    void write(const C& from, byte_writer& out) const
    {
        if constexpr (array_shape<C>::rank == 0) {
            std::size_t expected = from.dimensions().empty() ? 0 : 1;
            for (const array_dimension& each : from.dimensions())
                expected *= each.size < 0 ? 0 : static_cast<std::size_t>(each.size);
            if (expected != from.size())
                fail_element_count();
            array_writer to{out, element_, as,
                            from.empty() ? std::span<const array_dimension>{} : std::span{from.dimensions()}};
            put(from.elements(), to, out);
            to.finish();
        } else {
            std::array<array_dimension, array_shape<C>::rank> dimensions{};
            const bool any = measure(from, dimensions, 0, true);
            array_writer to{out, element_, as,
                            any ? std::span<const array_dimension>{dimensions} : std::span<const array_dimension>{}};
            put(from, to, out);
            to.finish();
        }
    }

    format as = format::binary;

private:
    /// Every row of a dimension must be as long as the first.
    template <class Level>
    static bool measure(const Level& from, std::array<array_dimension, array_shape<C>::rank>& dimensions,
                        std::size_t depth, bool first)
    {
        const auto size = checked_size(from.size());
        if (first)
            dimensions[depth].size = size;
        else if (dimensions[depth].size != size)
            fail_ragged(codec<C>::name);
        if constexpr (array_shape<Level>::rank > 1) {
            bool any = false;
            for (const auto& each : from) {
                any = measure(each, dimensions, depth + 1, first) || any;
                first = false;
            }
            return any;
        } else {
            return size != 0;
        }
    }

    static std::int32_t checked_size(std::size_t size)
    {
        if (size > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
            fail_element_count();
        return static_cast<std::int32_t>(size);
    }

    template <class Level>
    void put(const Level& from, array_writer& to, byte_writer& out) const
    {
        if constexpr (array_shape<Level>::rank > 1) {
            for (const auto& each : from)
                put(each, to, out);
        } else {
            if constexpr (has_fixed_wire<Element>) {
                if (element_ == fixed_wire<Element>::type && as == format::binary) {
                    put_fixed(from, out);
                    return;
                }
            }
            for (const Element& each : from)
                put_element(each, to, out);
        }
    }

    template <class Level>
    static void put_fixed(const Level& from, byte_writer& out)
    {
        std::byte* at = out.extend(from.size() * (sizeof(std::int32_t) + sizeof(Element)));
        for (const Element each : from) {
            store_big_endian(at, static_cast<std::int32_t>(sizeof(Element)));
            at += sizeof(std::int32_t);
            fixed_wire<Element>::store(at, each);
            at += sizeof(Element);
        }
    }

    void put_element(const Element& each, array_writer& to, byte_writer& out) const
    {
        if constexpr (optional_value<Element>::optional) {
            if (!each) {
                to.null();
                return;
            }
            to.begin();
            encode_.write(*each, out);
        } else {
            to.begin();
            encode_.write(each, out);
        }
        to.end();
    }

    server_type element_;
    encoder_of<value> encode_{};
};

template <class C, class Element>
struct array_codec {
    static constexpr std::string_view fits =
        joined<words::arrays_of, codec<without_optional<Element>>::fits, words::end>::value;
    static array_decoder<C, Element> decoder(server_type type, format as) { return {type, as}; }
    static array_encoder<C, Element> encoder(server_type type) { return array_encoder<C, Element>{type}; }
};

} // namespace detail

/// An array as a vector; nested vectors for more dimensions, `std::optional<T>` as element where there may be NULLs.
/// Its lower bounds are not kept: `tusk::array<T>` keeps them.
template <class T>
    requires has_codec<detail::array_value<std::vector<T>>>
struct codec<std::vector<T>> : detail::array_codec<std::vector<T>, typename detail::array_shape<T>::element> {
    static constexpr std::string_view name =
        detail::joined<detail::words::in_vector, detail::element_name<T>::value, detail::words::close>::value;
};

/// An array that must have exactly `N` elements.
template <class T, std::size_t N>
    requires has_codec<detail::array_value<std::array<T, N>>>
struct codec<std::array<T, N>> : detail::array_codec<std::array<T, N>, typename detail::array_shape<T>::element> {
    static constexpr std::string_view name =
        detail::joined<detail::words::in_std_array, detail::element_name<T>::value, detail::words::close>::value;
};

/// An array with all its dimensions and their lower bounds.
template <class T>
    requires has_codec<detail::without_optional<T>>
struct codec<array<T>> : detail::array_codec<array<T>, T> {
    static constexpr std::string_view name =
        detail::joined<detail::words::in_array, detail::element_name<T>::value, detail::words::close>::value;
};

} // namespace tusk
