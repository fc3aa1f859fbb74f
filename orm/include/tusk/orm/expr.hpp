#pragma once

#include <tusk/orm/detail/operand.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tusk::orm {

template <class T>
class expr;
template <class... Out>
class select_statement;

/// An expression in ORDER BY, with its direction: `col<&user::id>.desc().nulls_last()`.
class order_term
{
public:
    order_term(detail::node_ptr of, bool descending, detail::null_order nulls = {})
        : of_{std::move(of)}, descending_{descending}, nulls_{nulls}
    {
    }

    [[nodiscard]] order_term nulls_first() const { return {of_, descending_, detail::null_order::first}; }
    [[nodiscard]] order_term nulls_last() const { return {of_, descending_, detail::null_order::last}; }

    [[nodiscard]] detail::node_ptr node() const { return detail::make_order(of_, descending_, nulls_); }

private:
    detail::node_ptr of_;
    bool descending_;
    detail::null_order nulls_;
};

/// Anything in SQL that has a value of the C++ type `T`: what columns (`col<&user::id>`) and composed expressions
/// (`expr<T>`) have in common. `std::optional` says that it may be NULL.
///
/// Values that are given to these functions and operators become parameters; they are taken over at once.
/// @par Thread safety  It does not change: any thread.
template <class T>
class expression : public detail::expression_tag
{
    using plain = detail::plain<T>;

public:
    using value_type = T;

    // ---- Is it there?

    [[nodiscard]] expr<bool> is_null() const;
    [[nodiscard]] expr<bool> is_not_null() const;
    /// Unlike `!=`, NULL is a value like others.
    template <class X>
    [[nodiscard]] expr<bool> is_distinct_from(X&& other) const;
    template <class X>
    [[nodiscard]] expr<bool> is_not_distinct_from(X&& other) const;

    // ---- Is it one of these?

    /// `= ANY($1)`: the text does not depend on how many there are; none at all is simply false.
    /// @param range  Any range of values.
    template <std::ranges::input_range Range>
        requires(!detail::text<std::decay_t<Range>>)
    [[nodiscard]] expr<bool> in(Range&& range) const;
    template <class... Out>
    [[nodiscard]] expr<bool> in(const select_statement<Out...>& query) const;
    /// `<> ALL($1)`
    template <std::ranges::input_range Range>
        requires(!detail::text<std::decay_t<Range>>)
    [[nodiscard]] expr<bool> not_in(Range&& range) const;
    template <class... Out>
    [[nodiscard]] expr<bool> not_in(const select_statement<Out...>& query) const;
    template <class Low, class High>
    [[nodiscard]] expr<bool> between(Low&& low, High&& high) const;
    template <class Low, class High>
    [[nodiscard]] expr<bool> not_between(Low&& low, High&& high) const;

    // ---- Of texts.

    /// `%` and `_` in the pattern mean what they mean to LIKE; see `contains` for a text itself.
    template <class X>
    [[nodiscard]] expr<bool> like(X&& pattern) const;
    template <class X>
    [[nodiscard]] expr<bool> not_like(X&& pattern) const;
    template <class X>
    [[nodiscard]] expr<bool> ilike(X&& pattern) const;
    template <class X>
    [[nodiscard]] expr<bool> not_ilike(X&& pattern) const;
    /// The text itself: what LIKE gives a meaning to is escaped.
    [[nodiscard]] expr<bool> startswith(std::string_view text) const;
    [[nodiscard]] expr<bool> endswith(std::string_view text) const;
    /// Upper and lower case are the same.
    [[nodiscard]] expr<bool> icontains(std::string_view text) const;
    [[nodiscard]] expr<bool> istartswith(std::string_view text) const;
    [[nodiscard]] expr<bool> iendswith(std::string_view text) const;
    /// `~`: a POSIX regular expression.
    template <class X>
    [[nodiscard]] expr<bool> matches(X&& pattern) const;
    /// `~*`
    template <class X>
    [[nodiscard]] expr<bool> imatches(X&& pattern) const;
    template <class X>
    [[nodiscard]] expr<bool> not_matches(X&& pattern) const;
    template <class X>
    [[nodiscard]] expr<bool> not_imatches(X&& pattern) const;
    [[nodiscard]] expr<T> collate(std::string_view name) const;

    // ---- Of texts, arrays and ranges.

    /// Of a text: the other is somewhere in it (escaped, as `startswith`). Of an array or range: `@>`.
    template <class X>
    [[nodiscard]] expr<bool> contains(X&& other) const;
    /// `<@`
    template <class X>
    [[nodiscard]] expr<bool> contained_by(X&& other) const;
    /// `&&`
    template <class X>
    [[nodiscard]] expr<bool> overlaps(X&& other) const;
    /// An element of an array; the first is 1.
    template <class Index>
    [[nodiscard]] auto operator[](Index&& index) const;

    // ---- Everything else.

    [[nodiscard]] order_term asc() const { return {detail::node_of(*this), false}; }
    [[nodiscard]] order_term desc() const { return {detail::node_of(*this), true}; }
    /// Its name as a column of the result.
    [[nodiscard]] expr<T> as(std::string name) const;
    /// An operator that has no function here: `col<&t::location>.op<double>("<->", here)`.
    template <class Result, class X>
    [[nodiscard]] expr<Result> op(std::string sql, X&& other) const;

protected:
    constexpr expression() noexcept = default;
    /// A column: its node is made when it is first asked for.
    constexpr explicit expression(const detail::node_ptr& (*column)()) noexcept : column_{column} {}
    ~expression() = default;
    constexpr expression(const expression&) noexcept = default;
    constexpr expression& operator=(const expression&) noexcept = default;

private:
    template <class U>
    friend const detail::node_ptr& detail::node_of(const expression<U>& of);

    template <class X>
    [[nodiscard]] expr<bool> binary(detail::binary_operator which, X&& other) const;
    template <class X>
    [[nodiscard]] expr<bool> text_binary(detail::binary_operator which, X&& other) const;
    [[nodiscard]] expr<bool> pattern(detail::binary_operator which, std::string text) const;

    const detail::node_ptr& (*column_)() = nullptr;
};

/// A composed expression.
template <class T>
class expr : public expression<T>
{
public:
    explicit expr(detail::node_ptr node) : node_{std::move(node)} {}

    [[nodiscard]] const detail::node_ptr& node() const noexcept { return node_; }

private:
    detail::node_ptr node_;
};

template <class T>
const detail::node_ptr& detail::node_of(const expression<T>& of)
{
    return of.column_ != nullptr ? of.column_() : static_cast<const expr<T>&>(of).node();
}

template <class T>
expr<bool> expression<T>::is_null() const
{
    return expr<bool>{detail::make_is_null(detail::node_of(*this), false)};
}

template <class T>
expr<bool> expression<T>::is_not_null() const
{
    return expr<bool>{detail::make_is_null(detail::node_of(*this), true)};
}

template <class T>
template <class X>
expr<bool> expression<T>::binary(detail::binary_operator which, X&& other) const
{
    const auto& self = detail::node_of(*this);
    return expr<bool>{
        detail::make_binary(which, self, detail::operand_beside<T>(std::forward<X>(other), self), detail::bool_type)};
}

template <class T>
template <class X>
expr<bool> expression<T>::text_binary(detail::binary_operator which, X&& other) const
{
    static_assert(detail::text<plain>, "tusk: this is for texts: convert the expression with "
                                       "orm::cast<std::string>(expression, \"text\")");
    return binary(which, std::forward<X>(other));
}

template <class T>
expr<bool> expression<T>::pattern(detail::binary_operator which, std::string text) const
{
    static_assert(detail::text<plain>, "tusk: this is for texts: convert the expression with "
                                       "orm::cast<std::string>(expression, \"text\")");
    const auto& self = detail::node_of(*this);
    return expr<bool>{detail::make_binary(which, self, detail::bind_value<std::string>(std::move(text), self->type()),
                                          detail::bool_type)};
}

template <class T>
template <class X>
expr<bool> expression<T>::is_distinct_from(X&& other) const
{
    return binary(detail::binary_operator::distinct, std::forward<X>(other));
}

template <class T>
template <class X>
expr<bool> expression<T>::is_not_distinct_from(X&& other) const
{
    return binary(detail::binary_operator::not_distinct, std::forward<X>(other));
}

template <class T>
template <std::ranges::input_range Range>
    requires(!detail::text<std::decay_t<Range>>)
expr<bool> expression<T>::in(Range&& range) const
{
    const auto& self = detail::node_of(*this);
    auto list = detail::bind_list<T>(std::forward<Range>(range), detail::list_type<T>(self));
    return expr<bool>{detail::make_pieces({"", " = ANY(", ")"}, {self, std::move(list)}, detail::bool_type,
                                          detail::precedence::comparison, detail::precedence::other)};
}

template <class T>
template <std::ranges::input_range Range>
    requires(!detail::text<std::decay_t<Range>>)
expr<bool> expression<T>::not_in(Range&& range) const
{
    const auto& self = detail::node_of(*this);
    auto list = detail::bind_list<T>(std::forward<Range>(range), detail::list_type<T>(self));
    return expr<bool>{detail::make_pieces({"", " <> ALL(", ")"}, {self, std::move(list)}, detail::bool_type,
                                          detail::precedence::comparison, detail::precedence::other)};
}

template <class T>
template <class Low, class High>
expr<bool> expression<T>::between(Low&& low, High&& high) const
{
    const auto& self = detail::node_of(*this);
    return expr<bool>{detail::make_between(self, detail::operand_beside<T>(std::forward<Low>(low), self),
                                           detail::operand_beside<T>(std::forward<High>(high), self), false)};
}

template <class T>
template <class Low, class High>
expr<bool> expression<T>::not_between(Low&& low, High&& high) const
{
    const auto& self = detail::node_of(*this);
    return expr<bool>{detail::make_between(self, detail::operand_beside<T>(std::forward<Low>(low), self),
                                           detail::operand_beside<T>(std::forward<High>(high), self), true)};
}

template <class T>
template <class X>
expr<bool> expression<T>::like(X&& pattern) const
{
    return text_binary(detail::binary_operator::like, std::forward<X>(pattern));
}

template <class T>
template <class X>
expr<bool> expression<T>::not_like(X&& pattern) const
{
    return text_binary(detail::binary_operator::not_like, std::forward<X>(pattern));
}

template <class T>
template <class X>
expr<bool> expression<T>::ilike(X&& pattern) const
{
    return text_binary(detail::binary_operator::ilike, std::forward<X>(pattern));
}

template <class T>
template <class X>
expr<bool> expression<T>::not_ilike(X&& pattern) const
{
    return text_binary(detail::binary_operator::not_ilike, std::forward<X>(pattern));
}

template <class T>
expr<bool> expression<T>::startswith(std::string_view text) const
{
    return pattern(detail::binary_operator::like, detail::escaped_pattern(text, false, true));
}

template <class T>
expr<bool> expression<T>::endswith(std::string_view text) const
{
    return pattern(detail::binary_operator::like, detail::escaped_pattern(text, true, false));
}

template <class T>
expr<bool> expression<T>::icontains(std::string_view text) const
{
    return pattern(detail::binary_operator::ilike, detail::escaped_pattern(text, true, true));
}

template <class T>
expr<bool> expression<T>::istartswith(std::string_view text) const
{
    return pattern(detail::binary_operator::ilike, detail::escaped_pattern(text, false, true));
}

template <class T>
expr<bool> expression<T>::iendswith(std::string_view text) const
{
    return pattern(detail::binary_operator::ilike, detail::escaped_pattern(text, true, false));
}

template <class T>
template <class X>
expr<bool> expression<T>::matches(X&& pattern) const
{
    return text_binary(detail::binary_operator::match, std::forward<X>(pattern));
}

template <class T>
template <class X>
expr<bool> expression<T>::imatches(X&& pattern) const
{
    return text_binary(detail::binary_operator::match_nocase, std::forward<X>(pattern));
}

template <class T>
template <class X>
expr<bool> expression<T>::not_matches(X&& pattern) const
{
    return text_binary(detail::binary_operator::not_match, std::forward<X>(pattern));
}

template <class T>
template <class X>
expr<bool> expression<T>::not_imatches(X&& pattern) const
{
    return text_binary(detail::binary_operator::not_match_nocase, std::forward<X>(pattern));
}

template <class T>
expr<T> expression<T>::collate(std::string_view name) const
{
    static_assert(detail::text<plain>, "tusk: collate() is for texts");
    const auto& self = detail::node_of(*this);
    return expr<T>{detail::make_collation(self, name)};
}

template <class T>
template <class X>
expr<bool> expression<T>::contains(X&& other) const
{
    if constexpr (detail::text<plain>) {
        static_assert(detail::text<std::decay_t<X>>, "tusk: contains() of a text takes a text; to look for an "
                                                     "expression, use orm::strpos(a, b) > 0");
        return pattern(detail::binary_operator::like, detail::escaped_pattern(std::string_view{other}, true, true));
    } else {
        const auto& self = detail::node_of(*this);
        return expr<bool>{detail::make_binary(detail::binary_operator::contains, self,
                                              detail::set_operand<T>(std::forward<X>(other), self), detail::bool_type)};
    }
}

template <class T>
template <class X>
expr<bool> expression<T>::contained_by(X&& other) const
{
    const auto& self = detail::node_of(*this);
    return expr<bool>{detail::make_binary(detail::binary_operator::contained, self,
                                          detail::set_operand<T>(std::forward<X>(other), self), detail::bool_type)};
}

template <class T>
template <class X>
expr<bool> expression<T>::overlaps(X&& other) const
{
    const auto& self = detail::node_of(*this);
    return expr<bool>{detail::make_binary(detail::binary_operator::overlaps, self,
                                          detail::set_operand<T>(std::forward<X>(other), self), detail::bool_type)};
}

template <class T>
template <class Index>
auto expression<T>::operator[](Index&& index) const
{
    static_assert(detail::list<T>, "tusk: only an array has elements; of json, use orm::json(expression).at(key)");
    using element = detail::nullable_of<detail::element_of<T>>;
    return expr<element>{detail::make_subscript(detail::node_of(*this),
                                                detail::free_operand(std::forward<Index>(index)),
                                                detail::type_oid_of<detail::plain<element>>())};
}

template <class T>
expr<T> expression<T>::as(std::string name) const
{
    return expr<T>{detail::make_label(detail::node_of(*this), std::move(name))};
}

template <class T>
template <class Result, class X>
expr<Result> expression<T>::op(std::string sql, X&& other) const
{
    return expr<Result>{detail::make_custom_binary(std::move(sql), detail::node_of(*this),
                                                   detail::free_operand(std::forward<X>(other)),
                                                   detail::type_oid_of<detail::plain<Result>>())};
}

} // namespace tusk::orm
