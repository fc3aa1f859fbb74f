#pragma once

#include <tusk/orm/expr.hpp>

#include <type_traits>
#include <utility>

namespace tusk::orm {

/// CASE, branch by branch: `orm::case_().when(a > 1, "many").when(a == 1, "one").else_("none")`.
/// @tparam T        What the branches give.
/// @tparam Subject  What is compared in each branch; `void` where each has a condition of its own.
template <class T, class Subject = void>
class case_builder
{
public:
    case_builder(detail::node_ptr subject, detail::node_list conditions, detail::node_list outcomes)
        : subject_{std::move(subject)}, conditions_{std::move(conditions)}, outcomes_{std::move(outcomes)}
    {
    }

    /// @param condition  A condition; with a subject, a value of it.
    /// @param outcome    Of the type of the first branch.
    template <class Condition, class X>
    [[nodiscard]] case_builder when(Condition&& condition, X&& outcome) const
    {
        case_builder made = *this;
        made.conditions_.push_back(condition_of(std::forward<Condition>(condition)));
        made.outcomes_.push_back(outcome_of(std::forward<X>(outcome)));
        return made;
    }

    template <class X>
    [[nodiscard]] auto else_(X&& outcome) const
    {
        using result = detail::nullable_with<detail::plain<T>, T, detail::value_of<X>>;
        return expr<result>{detail::make_case(subject_, conditions_, outcomes_, outcome_of(std::forward<X>(outcome)),
                                              detail::type_oid_of<detail::plain<T>>())};
    }
    /// Without ELSE: NULL where no branch is taken.
    [[nodiscard]] auto end() const
    {
        return expr<detail::nullable_of<T>>{
            detail::make_case(subject_, conditions_, outcomes_, nullptr, detail::type_oid_of<detail::plain<T>>())};
    }

private:
    template <class X>
    [[nodiscard]] detail::node_ptr outcome_of(X&& outcome) const
    {
        return detail::operand_beside<T>(std::forward<X>(outcome), outcomes_.front());
    }
    template <class Condition>
    [[nodiscard]] detail::node_ptr condition_of(Condition&& condition) const
    {
        if constexpr (std::is_void_v<Subject>)
            return detail::condition_node(condition);
        else
            return detail::operand_beside<Subject>(std::forward<Condition>(condition), subject_);
    }

    detail::node_ptr subject_;
    detail::node_list conditions_;
    detail::node_list outcomes_;
};

/// CASE before its first branch.
template <class Subject = void>
class case_start
{
public:
    explicit case_start(detail::node_ptr subject) : subject_{std::move(subject)} {}

    template <class Condition, class X>
    [[nodiscard]] auto when(Condition&& condition, X&& outcome) const
    {
        using value = tusk::detail::owned<detail::value_of<X>>;
        detail::node_ptr first;
        if constexpr (std::is_void_v<Subject>)
            first = detail::condition_node(condition);
        else
            first = detail::operand_beside<Subject>(std::forward<Condition>(condition), subject_);
        return case_builder<value, Subject>{
            subject_, {std::move(first)}, {detail::free_operand(std::forward<X>(outcome))}};
    }

private:
    detail::node_ptr subject_;
};

[[nodiscard]] inline case_start<> case_() { return case_start<>{nullptr}; }
/// `CASE of WHEN value THEN ...`
template <detail::expression_like X>
[[nodiscard]] case_start<detail::value_of<X>> case_(const X& of)
{
    return case_start<detail::value_of<X>>{detail::node_of(of)};
}

} // namespace tusk::orm
