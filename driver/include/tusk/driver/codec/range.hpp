#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/detail/is_borrowed.hpp>
#include <tusk/driver/detail/join.hpp>
#include <tusk/driver/detail/length_scope.hpp>
#include <tusk/driver/detail/range_wire.hpp>
#include <tusk/driver/range.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk {

namespace detail {

template <class T>
class range_decoder
{
public:
    range_decoder() = default;
    range_decoder(server_type type, format as) : as_{as}
    {
        if (type.kind() == type_kind::range && !(as == format::text && borrows<T>()))
            decode_ = ask_decoder<T>(type.of(), as);
    }

    explicit operator bool() const noexcept { return static_cast<bool>(decode_); }

    range<T> operator()(std::span<const std::byte> bytes) const
    {
        const raw_range parts{bytes, as_};
        if (parts.is_empty)
            return {};
        return {bound(parts.lower), bound(parts.upper)};
    }

private:
    typename range<T>::bound bound(const raw_bound& raw) const
    {
        if (raw.is_unbounded)
            return unbounded{};
        if (raw.is_inclusive)
            return inclusive<T>{decode_(raw.bytes)};
        return exclusive<T>{decode_(raw.bytes)};
    }

    format as_{};
    decoder_of<T> decode_{};
};

template <class T>
class range_encoder
{
public:
    range_encoder() = default;
    explicit range_encoder(server_type type)
    {
        if (type.kind() != type_kind::range)
            return;
        encode_ = ask_part_encoder<T>(type.of());
        as = encode_.as;
    }

    explicit operator bool() const noexcept { return static_cast<bool>(encode_); }

    void write(const range<T>& value, byte_writer& out) const
    {
        range_writer to{out, as};
        if (value.is_empty()) {
            to.empty();
            return;
        }
        const raw_bound lower{value.lower().is_unbounded(), value.lower().is_inclusive(), {}};
        const raw_bound upper{value.upper().is_unbounded(), value.upper().is_inclusive(), {}};
        to.open(lower, upper);
        put(value.lower(), to, out);
        to.between();
        put(value.upper(), to, out);
        to.close(upper);
    }

    format as = format::binary;

private:
    void put(const typename range<T>::bound& bound, range_writer& to, byte_writer& out) const
    {
        if (bound.is_unbounded())
            return;
        to.begin_bound();
        encode_.write(*bound.value(), out);
        to.end_bound();
    }

    encoder_of<T> encode_{};
};

template <class T>
class multirange_decoder
{
public:
    multirange_decoder() = default;
    multirange_decoder(server_type type, format as) : as_{as}
    {
        if (type.kind() == type_kind::multirange)
            decode_ = range_decoder<T>{type.of(), as};
    }

    explicit operator bool() const noexcept { return static_cast<bool>(decode_); }

    multirange<T> operator()(std::span<const std::byte> bytes) const
    {
        multirange_reader from{bytes, as_};
        std::vector<range<T>> ranges;
        for (std::span<const std::byte> each; from.next(each);)
            ranges.push_back(decode_(each));
        return multirange<T>{std::move(ranges)};
    }

private:
    format as_{};
    range_decoder<T> decode_;
};

template <class T>
class multirange_encoder
{
public:
    multirange_encoder() = default;
    explicit multirange_encoder(server_type type)
    {
        if (type.kind() != type_kind::multirange)
            return;
        encode_ = range_encoder<T>{type.of()};
        as = encode_.as;
    }

    explicit operator bool() const noexcept { return static_cast<bool>(encode_); }

    void write(const multirange<T>& value, byte_writer& out) const
    {
        if (as == format::text) {
            out.put('{');
            bool first = true;
            for (const range<T>& each : value) {
                if (!std::exchange(first, false))
                    out.put(',');
                encode_.write(each, out);
            }
            out.put('}');
            return;
        }
        out.put(static_cast<std::int32_t>(value.size()));
        for (const range<T>& each : value) {
            length_scope part{out};
            encode_.write(each, out);
            part.end();
        }
    }

    format as = format::binary;

private:
    range_encoder<T> encode_;
};

} // namespace detail

/// Ranges of everything that has a codec.
template <class T>
    requires has_codec<T>
struct codec<range<T>> {
    static constexpr std::string_view name =
        detail::joined<detail::words::in_range, codec<T>::name, detail::words::close>::value;
    static constexpr std::string_view fits =
        detail::joined<detail::words::ranges_of, codec<T>::fits, detail::words::end>::value;
    static detail::range_decoder<T> decoder(server_type type, format as) { return {type, as}; }
    static detail::range_encoder<T> encoder(server_type type) { return detail::range_encoder<T>{type}; }
};

template <class T>
    requires has_codec<T>
struct codec<multirange<T>> {
    static constexpr std::string_view name =
        detail::joined<detail::words::in_multirange, codec<T>::name, detail::words::close>::value;
    static constexpr std::string_view fits =
        detail::joined<detail::words::multiranges_of, codec<T>::fits, detail::words::end>::value;
    static detail::multirange_decoder<T> decoder(server_type type, format as) { return {type, as}; }
    static detail::multirange_encoder<T> encoder(server_type type) { return detail::multirange_encoder<T>{type}; }
};

} // namespace tusk
