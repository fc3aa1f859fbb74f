#include "query/renderer.hpp"
#include "query/source.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tusk::orm::detail {

namespace {

struct operator_text {
    std::string_view sql;
    precedence level;
    /// A chain of it needs no parentheses on the right either.
    bool is_associative = false;
};

/// In the order of `binary_operator`.
constexpr auto operators = std::to_array<operator_text>({
    {"OR", precedence::disjunction, true},
    {"AND", precedence::conjunction, true},
    {"=", precedence::comparison},
    {"<>", precedence::comparison},
    {"<", precedence::comparison},
    {"<=", precedence::comparison},
    {">", precedence::comparison},
    {">=", precedence::comparison},
    {"IS DISTINCT FROM", precedence::is},
    {"IS NOT DISTINCT FROM", precedence::is},
    {"LIKE", precedence::like},
    {"NOT LIKE", precedence::like},
    {"ILIKE", precedence::like},
    {"NOT ILIKE", precedence::like},
    {"~", precedence::other},
    {"~*", precedence::other},
    {"!~", precedence::other},
    {"!~*", precedence::other},
    {"||", precedence::other, true},
    {"+", precedence::additive},
    {"-", precedence::additive},
    {"*", precedence::multiplicative},
    {"/", precedence::multiplicative},
    {"%", precedence::multiplicative},
    {"@>", precedence::other},
    {"<@", precedence::other},
    {"&&", precedence::other},
    {"->", precedence::other},
    {"->>", precedence::other},
    {"#>", precedence::other},
    {"#>>", precedence::other},
    {"?", precedence::other},
    {"?|", precedence::other},
    {"?&", precedence::other},
    {"@?", precedence::other},
    {"@@", precedence::other},
    {"#-", precedence::other},
});
static_assert(operators.size() == static_cast<std::size_t>(binary_operator::json_delete_path) + 1);

constexpr precedence above(precedence level) noexcept
{
    return level == precedence::primary ? level : static_cast<precedence>(static_cast<std::uint8_t>(level) + 1);
}

/// Nothing is written without parentheses that a reader would have to think about: comparisons and IS do not nest bare.
constexpr precedence operand_level(precedence level) noexcept
{
    return level <= precedence::negation || level >= precedence::other ? level : precedence::other;
}

constexpr precedence right_level(operator_text of) noexcept
{
    const precedence level = operand_level(of.level);
    return of.is_associative || level != of.level ? level : above(level);
}

class binary_node : public node
{
public:
    binary_node(oid type, operator_text as, node_ptr left, node_ptr right)
        : node{type, as.level}, as_{as}, left_{std::move(left)}, right_{std::move(right)}
    {
    }

    void render(renderer& to) const override
    {
        to.write(*left_, operand_level(as_.level));
        to.write(' ');
        to.write(as_.sql);
        to.write(' ');
        to.write(*right_, right_level(as_));
    }
    void add_sources(std::vector<source_ptr>& to) const override
    {
        left_->add_sources(to);
        right_->add_sources(to);
    }

private:
    operator_text as_;
    node_ptr left_;
    node_ptr right_;
};

/// An operator that owns its text.
struct custom_operator {
    std::string sql;
};
class custom_binary_node final : private custom_operator, public binary_node
{
public:
    custom_binary_node(std::string text, oid type, node_ptr left, node_ptr right)
        : custom_operator{std::move(text)},
          binary_node{type, {custom_operator::sql, precedence::other}, std::move(left), std::move(right)}
    {
    }
};

/// NOT a, -a
class prefix_node final : public node
{
public:
    prefix_node(oid type, std::string_view sql, precedence level, node_ptr of)
        : node{type, level}, sql_{sql}, of_{std::move(of)}
    {
    }

    void render(renderer& to) const override
    {
        to.write(sql_);
        to.write(*of_, above(level()));
    }
    void add_sources(std::vector<source_ptr>& to) const override { of_->add_sources(to); }

private:
    std::string_view sql_;
    node_ptr of_;
};

class null_test_node final : public node
{
public:
    null_test_node(node_ptr of, bool negated) : node{bool_type, precedence::is}, of_{std::move(of)}, negated_{negated}
    {
    }

    void render(renderer& to) const override
    {
        to.write(*of_, precedence::other);
        to.write(negated_ ? " IS NOT NULL" : " IS NULL");
    }
    void add_sources(std::vector<source_ptr>& to) const override { of_->add_sources(to); }

private:
    node_ptr of_;
    bool negated_;
};

class between_node final : public node
{
public:
    between_node(node_ptr of, node_ptr low, node_ptr high, bool negated)
        : node{bool_type, precedence::like},
          of_{std::move(of)},
          low_{std::move(low)},
          high_{std::move(high)},
          negated_{negated}
    {
    }

    void render(renderer& to) const override
    {
        to.write(*of_, precedence::other);
        to.write(negated_ ? " NOT BETWEEN " : " BETWEEN ");
        to.write(*low_, precedence::other);
        to.write(" AND ");
        to.write(*high_, precedence::other);
    }
    void add_sources(std::vector<source_ptr>& to) const override
    {
        of_->add_sources(to);
        low_->add_sources(to);
        high_->add_sources(to);
    }

private:
    node_ptr of_;
    node_ptr low_;
    node_ptr high_;
    bool negated_;
};

} // namespace

node_ptr make_binary(binary_operator which, node_ptr left, node_ptr right, oid type)
{
    return std::make_shared<const binary_node>(type, operators[static_cast<std::size_t>(which)], std::move(left),
                                               std::move(right));
}

node_ptr make_custom_binary(std::string op, node_ptr left, node_ptr right, oid type)
{
    return std::make_shared<const custom_binary_node>(std::move(op), type, std::move(left), std::move(right));
}

node_ptr make_not(node_ptr of)
{
    return std::make_shared<const prefix_node>(bool_type, "NOT ", precedence::negation, std::move(of));
}

node_ptr make_negative(node_ptr of)
{
    const oid type = of->type();
    return std::make_shared<const prefix_node>(type, "-", precedence::sign, std::move(of));
}

node_ptr make_is_null(node_ptr of, bool negated)
{
    return std::make_shared<const null_test_node>(std::move(of), negated);
}

node_ptr make_between(node_ptr of, node_ptr low, node_ptr high, bool negated)
{
    return std::make_shared<const between_node>(std::move(of), std::move(low), std::move(high), negated);
}

node_ptr both(node_ptr left, node_ptr right)
{
    if (!left)
        return right;
    return make_binary(binary_operator::logical_and, std::move(left), std::move(right), bool_type);
}

} // namespace tusk::orm::detail
