#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/detail/join.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

namespace tusk {

namespace detail {

[[noreturn]] void fail_alternative(std::string_view alternative, std::string_view fits);

template <class... T>
class variant_decoder
{
public:
    variant_decoder() = default;
    variant_decoder(server_type type, format as) : decoders_{ask_decoder<T>(type, as)...}
    {
        choose(std::index_sequence_for<T...>{});
    }

    explicit operator bool() const noexcept { return chosen_ != sizeof...(T); }

    std::variant<T...> operator()(std::span<const std::byte> bytes) const
    {
        std::optional<std::variant<T...>> value;
        read(bytes, value, std::index_sequence_for<T...>{});
        return *std::move(value);
    }

private:
    template <std::size_t... I>
    void choose(std::index_sequence<I...>)
    {
        static_cast<void>(((std::get<I>(decoders_) ? (chosen_ = I, true) : false) || ...));
    }

    template <std::size_t... I>
    void read(std::span<const std::byte> bytes, std::optional<std::variant<T...>>& value,
              std::index_sequence<I...>) const
    {
        static_cast<void>(
            ((chosen_ == I ? (value.emplace(std::in_place_index<I>, std::get<I>(decoders_)(bytes)), true) : false) ||
             ...));
    }

    std::tuple<decoder_of<T>...> decoders_{};
    std::size_t chosen_ = sizeof...(T);
};

template <class... T>
class variant_encoder
{
public:
    variant_encoder() = default;
    explicit variant_encoder(server_type type) : encoders_{ask_encoder<T>(type)...}
    {
        const auto look = [&](const auto& plan) {
            if (!plan)
                return;
            if (!fits_)
                as = plan.as;
            is_uniform_ = is_uniform_ && plan.as == as;
            fits_ = true;
        };
        std::apply([&](const auto&... plan) { (look(plan), ...); }, encoders_);
    }

    explicit operator bool() const noexcept { return fits_; }

    [[nodiscard]] bool is_uniform() const noexcept { return is_uniform_; }

    [[nodiscard]] format format_of(const std::variant<T...>& value) const
    {
        format chosen = as;
        visit(value, [&](const auto& plan, const auto& /*held*/) { chosen = plan.as; });
        return chosen;
    }

    void write(const std::variant<T...>& value, byte_writer& out) const
    {
        visit(value, [&](const auto& plan, const auto& held) { plan.write(held, out); });
    }

    format as = format::binary;

private:
    template <class Function>
    void visit(const std::variant<T...>& value, const Function& function) const
    {
        visit_each(value, function, std::index_sequence_for<T...>{});
    }

    template <class Function, std::size_t... I>
    void visit_each(const std::variant<T...>& value, const Function& function, std::index_sequence<I...>) const
    {
        static_cast<void>(((value.index() == I ? (visit_one<I>(value, function), true) : false) || ...));
    }

    template <std::size_t I, class Function>
    void visit_one(const std::variant<T...>& value, const Function& function) const
    {
        using held = std::variant_alternative_t<I, std::variant<T...>>;
        const auto& plan = std::get<I>(encoders_);
        if (!plan)
            fail_alternative(codec<held>::name, codec<held>::fits);
        function(plan, *std::get_if<I>(&value));
    }

    std::tuple<encoder_of<T>...> encoders_{};
    bool fits_ = false;
    bool is_uniform_ = true;
};

} // namespace detail

/// A value whose C++ type is decided at run time. A column is read as the first alternative that fits its type; a
/// parameter is sent as the alternative that it holds. NULL is `std::optional` around it.
template <class... T>
    requires(has_codec<T> && ...)
struct codec<std::variant<T...>> {
    static constexpr std::string_view name =
        detail::joined<detail::words::in_variant, detail::listed<detail::words::comma, codec<T>::name...>::value,
                       detail::words::close>::value;
    static constexpr std::string_view fits =
        detail::listed<detail::words::alternatives_between, codec<T>::fits...>::value;
    static detail::variant_decoder<T...> decoder(server_type type, format as) { return {type, as}; }
    static detail::variant_encoder<T...> encoder(server_type type) { return detail::variant_encoder<T...>{type}; }
};

} // namespace tusk
