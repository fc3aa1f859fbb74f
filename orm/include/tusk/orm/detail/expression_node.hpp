#pragma once

#include <tusk/driver/oid.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::orm {

class table_info;
struct column_info;
struct relation_info;

/// What expressions are made of: nodes without C++ types, shared and never changed. The typed shell around them
/// (`orm::expr<T>`) checks what may be combined; what SQL comes of it is compiled code.
namespace detail {

class renderer;
class source;

using source_ptr = std::shared_ptr<const source>;

/// OIDs of types that expressions have whatever their C++ type says.
inline constexpr oid bool_type = 16;
inline constexpr oid text_type = 25;
inline constexpr oid text_array_type = 1009;
inline constexpr oid bigint_type = 20;

/// How tightly PostgreSQL binds, loosest first.
/// @see PostgreSQL documentation, "Lexical Structure: Operator Precedence".
enum class precedence : std::uint8_t {
    none,
    disjunction,
    conjunction,
    negation,
    is,
    comparison,
    like,
    other,
    additive,
    multiplicative,
    collate,
    sign,
    subscript,
    primary,
};

class node
{
public:
    node(oid type, precedence level) noexcept : type_{type}, level_{level} {}
    node(const node&) = delete;
    node& operator=(const node&) = delete;
    virtual ~node();

    virtual void render(renderer& to) const = 0;
    /// Where in a FROM its columns are; those inside of subqueries do not count.
    virtual void add_sources(std::vector<source_ptr>& to) const;
    /// The name that PostgreSQL gives it as a column of a result; empty: none that is of use.
    [[nodiscard]] virtual std::string_view name() const noexcept;
    /// What `as` has named it; empty: nothing.
    [[nodiscard]] virtual std::string_view label() const noexcept;
    /// The column that it is, else null.
    [[nodiscard]] virtual const column_info* column() const noexcept;
    /// What a list of its values is declared as.
    /// @param otherwise  The answer where the C++ type decides.
    [[nodiscard]] virtual oid array_type(oid otherwise) const noexcept;

    /// What a value that is compared with it is declared as; 0 for a type of the database's own.
    [[nodiscard]] oid type() const noexcept { return type_; }
    [[nodiscard]] precedence level() const noexcept { return level_; }

private:
    oid type_;
    precedence level_;
};

using node_ptr = std::shared_ptr<const node>;
using node_list = std::vector<node_ptr>;

enum class binary_operator : std::uint8_t {
    logical_or,
    logical_and,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    distinct,
    not_distinct,
    like,
    not_like,
    ilike,
    not_ilike,
    match,
    match_nocase,
    not_match,
    not_match_nocase,
    concatenate,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    contains,
    contained,
    overlaps,
    json_at,
    json_text,
    json_path,
    json_text_path,
    json_has,
    json_has_any,
    json_has_all,
    json_path_exists,
    text_matches,
    json_delete_path,
};

/// @param type  The OID of the outcome.
node_ptr make_binary(binary_operator which, node_ptr left, node_ptr right, oid type);
/// The same with any operator of the database's.
node_ptr make_custom_binary(std::string op, node_ptr left, node_ptr right, oid type);
node_ptr make_not(node_ptr of);
node_ptr make_negative(node_ptr of);
node_ptr make_is_null(node_ptr of, bool negated);
node_ptr make_collation(node_ptr of, std::string_view name);
node_ptr make_between(node_ptr of, node_ptr low, node_ptr high, bool negated);

/// SQL as it stands.
node_ptr make_text(std::string_view sql, oid type, precedence level = precedence::primary);
node_ptr make_boolean(bool value);
/// A text as a literal.
node_ptr make_quoted(std::string_view text, oid type);
/// Pieces of SQL with operands between them: `pieces` has one element more than `operands`.
node_ptr make_pieces(std::vector<std::string> pieces, node_list operands, oid type,
                     precedence level = precedence::primary, precedence operand_level = precedence::none);
/// `{}` in `format` stand for the operands, `{{` and `}}` for braces.
/// @throws usage_error  There are more or fewer of them than operands.
node_ptr make_fragment(std::string_view format, node_list operands, oid type);
/// `EXTRACT(field FROM of)`
/// @throws usage_error  The field is no word.
node_ptr make_extract(std::string_view field, node_ptr of);
node_ptr make_cast(node_ptr of, std::string_view to, oid type);
/// `ARRAY[a, b]`
node_ptr make_array(node_list elements, oid type);
/// `(a, b)`
node_ptr make_row(node_list elements);
/// `a[index]`
node_ptr make_subscript(node_ptr of, node_ptr index, oid type);
node_ptr make_label(node_ptr of, std::string name);
node_ptr make_case(node_ptr subject, node_list conditions, node_list outcomes, node_ptr otherwise, oid type);

enum class null_order : std::uint8_t { unsaid, first, last };
node_ptr make_order(node_ptr of, bool descending, null_order nulls);

/// The parts of a function call that are seldom there.
struct call_options {
    bool distinct = false;
    node_list order_by;
    node_ptr filter;
    node_list within_group;
    bool is_windowed = false;
    node_list partition_by;
    node_list window_order;
    std::string frame;
};
/// @param name  A function's name, with its schema if need be; quoted where it has to be.
node_ptr make_call(std::string_view name, node_list arguments, oid type);
node_ptr make_call(std::string_view name, node_list arguments, oid type, call_options options);

/// A column of a table, an alias or a subquery.
node_ptr make_column(source_ptr from, const column_info& of);
node_ptr make_named_column(source_ptr from, std::string name, oid type, const column_info* like);

/// The table of a class, as itself. There is one source for a table in a program.
source_ptr table_source(const table_info& table);
/// A second appearance of a table.
/// @param name  Empty: `<table>_1` and so on.
source_ptr make_alias(const table_info& table, std::string_view name);

/// The OID of a column type by its name in SQL; 0 for a type of the database's own.
oid oid_of_type(std::string_view sql_type);

/// The pattern that finds a text itself: what LIKE gives a meaning to is escaped.
std::string escaped_pattern(std::string_view text, bool open_start, bool open_end);

} // namespace detail

} // namespace tusk::orm
