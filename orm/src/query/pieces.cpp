#include "mapping/quoted.hpp"
#include "query/renderer.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/driver/identifier.hpp>
#include <tusk/orm/detail/operand.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tusk::orm::detail {

namespace {

void add_all(const node_list& of, std::vector<source_ptr>& to)
{
    for (const auto& each : of)
        if (each)
            each->add_sources(to);
}

class text_node final : public node
{
public:
    text_node(std::string_view sql, oid type, precedence level) : node{type, level}, sql_{sql} {}

    void render(renderer& to) const override { to.write(sql_); }

private:
    std::string sql_;
};

class pieces_node final : public node
{
public:
    pieces_node(std::vector<std::string> pieces, node_list operands, oid type, precedence level,
                precedence operand_level)
        : node{type, level}, pieces_{std::move(pieces)}, operands_{std::move(operands)}, operand_level_{operand_level}
    {
    }

    void render(renderer& to) const override
    {
        for (std::size_t i = 0; i != operands_.size(); ++i) {
            to.write(pieces_[i]);
            to.write(*operands_[i], operand_level_);
        }
        to.write(pieces_.back());
    }
    void add_sources(std::vector<source_ptr>& to) const override { add_all(operands_, to); }

private:
    std::vector<std::string> pieces_;
    node_list operands_;
    precedence operand_level_;
};

/// `head[a, b]`, `(a, b)`
class list_node final : public node
{
public:
    list_node(std::string_view open, node_list elements, std::string_view close, oid type)
        : node{type, precedence::primary}, open_{open}, elements_{std::move(elements)}, close_{close}
    {
    }

    void render(renderer& to) const override
    {
        to.write(open_);
        to.write_list(elements_);
        to.write(close_);
    }
    void add_sources(std::vector<source_ptr>& to) const override { add_all(elements_, to); }

private:
    std::string_view open_;
    node_list elements_;
    std::string_view close_;
};

/// Only a list of outputs says the name; everywhere else it is the expression itself.
class label_node final : public node
{
public:
    label_node(node_ptr of, std::string name)
        : node{of->type(), of->level()}, of_{std::move(of)}, name_{std::move(name)}
    {
    }

    void render(renderer& to) const override { of_->render(to); }
    void add_sources(std::vector<source_ptr>& to) const override { of_->add_sources(to); }
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] std::string_view label() const noexcept override { return name_; }
    [[nodiscard]] const column_info* column() const noexcept override { return of_->column(); }
    [[nodiscard]] oid array_type(oid otherwise) const noexcept override { return of_->array_type(otherwise); }

private:
    node_ptr of_;
    std::string name_;
};

class case_node final : public node
{
public:
    case_node(node_ptr subject, node_list conditions, node_list outcomes, node_ptr otherwise, oid type)
        : node{type, precedence::primary},
          subject_{std::move(subject)},
          conditions_{std::move(conditions)},
          outcomes_{std::move(outcomes)},
          otherwise_{std::move(otherwise)}
    {
    }

    void render(renderer& to) const override
    {
        to.write("CASE");
        if (subject_) {
            to.write(' ');
            to.write(*subject_);
        }
        for (std::size_t i = 0; i != conditions_.size(); ++i) {
            to.write(" WHEN ");
            to.write(*conditions_[i]);
            to.write(" THEN ");
            to.write(*outcomes_[i]);
        }
        if (otherwise_) {
            to.write(" ELSE ");
            to.write(*otherwise_);
        }
        to.write(" END");
    }
    void add_sources(std::vector<source_ptr>& to) const override
    {
        add_all({subject_, otherwise_}, to);
        add_all(conditions_, to);
        add_all(outcomes_, to);
    }
    [[nodiscard]] std::string_view name() const noexcept override { return "case"; }

private:
    node_ptr subject_;
    node_list conditions_;
    node_list outcomes_;
    node_ptr otherwise_;
};

} // namespace

node_ptr make_text(std::string_view sql, oid type, precedence level)
{
    return std::make_shared<const text_node>(sql, type, level);
}

node_ptr make_boolean(bool value)
{
    static const node_ptr yes = make_text("true", bool_type);
    static const node_ptr no = make_text("false", bool_type);
    return value ? yes : no;
}

node_ptr make_quoted(std::string_view text, oid type) { return make_text(quoted_literal(text), type); }

node_ptr make_pieces(std::vector<std::string> pieces, node_list operands, oid type, precedence level,
                     precedence operand_level)
{
    return std::make_shared<const pieces_node>(std::move(pieces), std::move(operands), type, level, operand_level);
}

node_ptr make_fragment(std::string_view format, node_list operands, oid type)
{
    std::vector<std::string> pieces(1);
    for (std::size_t i = 0; i != format.size(); ++i) {
        const char c = format[i];
        const bool doubled = i + 1 != format.size() && format[i + 1] == c;
        if (c == '{' && i + 1 != format.size() && format[i + 1] == '}') {
            pieces.emplace_back();
            ++i;
        } else if ((c == '{' || c == '}') && doubled) {
            pieces.back() += c;
            ++i;
        } else {
            pieces.back() += c;
        }
    }
    if (pieces.size() != operands.size() + 1)
        throw usage_error{fmt::format("the SQL fragment \"{}\" has {} places for values, but {} are given", format,
                                      pieces.size() - 1, operands.size())};
    // What is inside is not known, so that it is put into parentheses wherever an operator meets it.
    return make_pieces(std::move(pieces), std::move(operands), type, precedence::none, precedence::other);
}

node_ptr make_extract(std::string_view field, node_ptr of)
{
    const bool is_word = !field.empty() && std::ranges::all_of(field, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    });
    if (!is_word)
        throw usage_error{fmt::format("extract() takes a word such as year or epoch, not \"{}\"", field)};
    constexpr oid numeric_type = 1700;
    return make_pieces({fmt::format("EXTRACT({} FROM ", field), ")"}, {std::move(of)}, numeric_type);
}

node_ptr make_cast(node_ptr of, std::string_view to, oid type)
{
    return make_pieces({"CAST(", fmt::format(" AS {})", to)}, {std::move(of)}, type);
}

node_ptr make_collation(node_ptr of, std::string_view name)
{
    // All collations but those of pg_catalog that are plain words are written in quotes, so all are.
    const oid type = of->type();
    return make_pieces({"", " COLLATE " + identifier{name}.sql()}, {std::move(of)}, type, precedence::collate,
                       precedence::collate);
}

[[noreturn]] void fail_beyond(std::string_view what)
{
    throw encode_error{fmt::format("a number in a query is beyond the range of {}", what)};
}

node_ptr make_array(node_list elements, oid type)
{
    return std::make_shared<const list_node>("ARRAY[", std::move(elements), "]", type);
}

node_ptr make_row(node_list elements) { return std::make_shared<const list_node>("(", std::move(elements), ")", 0); }

node_ptr make_subscript(node_ptr of, node_ptr index, oid type)
{
    // Of anything but a column, PostgreSQL wants parentheses.
    if (of->column() != nullptr)
        return make_pieces({"", "[", "]"}, {std::move(of), std::move(index)}, type, precedence::subscript);
    return make_pieces({"(", ")[", "]"}, {std::move(of), std::move(index)}, type, precedence::subscript);
}

node_ptr make_label(node_ptr of, std::string name)
{
    return std::make_shared<const label_node>(std::move(of), std::move(name));
}

node_ptr make_case(node_ptr subject, node_list conditions, node_list outcomes, node_ptr otherwise, oid type)
{
    return std::make_shared<const case_node>(std::move(subject), std::move(conditions), std::move(outcomes),
                                             std::move(otherwise), type);
}

std::string escaped_pattern(std::string_view text, bool open_start, bool open_end)
{
    std::string pattern;
    pattern.reserve(text.size() + 2);
    if (open_start)
        pattern += '%';
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\')
            pattern += '\\';
        pattern += c;
    }
    if (open_end)
        pattern += '%';
    return pattern;
}

} // namespace tusk::orm::detail
