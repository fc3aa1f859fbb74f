#pragma once

#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/oid.hpp>
#include <tusk/driver/parameters.hpp>
#include <tusk/orm/detail/load_option.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// What a statement becomes before it is sent. Session, loading and unit of work see nothing else of a query.
///
///     const compiled_statement made = compile(stmt);   // any statement of the public API
///     connection.query(made.sql, made.listed());
///
/// The columns of a row are in the order of `outputs`: a value takes one column, an entity one for each of its
/// `columns`. First come the outputs of the statement itself, as many as `statement_result` has parts; then the
/// entities that come with them in a join (`joinedload`, `contains_eager`), each behind the one that it belongs to.
namespace tusk::orm::detail {

class statement_base;

/// A part of each row.
struct compiled_output {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    const table_info* table = nullptr; ///< Null: a value, which the typed statement knows how to decode.
    std::size_t first_column = 0;
    /// Of an entity: what is in the columns from `first_column` on. The primary key is always among them; where it is
    /// NULL there is no entity (an outer join). Lives as long as the compiled statement.
    std::span<const column_info* const> columns;

    /// Of an entity that came in a join: where in `outputs` the entity is that it belongs to, and by which relation.
    std::size_t parent = none;
    const relation_info* relation = nullptr;

    /// What is still to be loaded for these entities, by statements of their own (`compile_selectin`). Only options
    /// with the strategy `selectin`; what is nested in them goes with that statement.
    std::vector<const load_option*> to_load;
};

struct compiled_statement {
    std::string sql;
    /// `$1` and so on, with the OIDs that the mapping declares.
    std::vector<tusk::detail::parameter> parameters;
    std::vector<compiled_output> outputs; ///< None: the statement returns no rows.
    std::size_t column_count = 0;
    /// How many of `outputs` the user asked for.
    std::size_t result_count = 0;
    /// The tables that it reads or writes, each once: what autoflush looks at.
    std::vector<const table_info*> tables;
    /// A collection came in a join: rows repeat their entities, and each is to be given out once.
    bool repeats_entities = false;
    /// INSERT, UPDATE or DELETE.
    bool writes = false;
    /// Keeps everything alive that the other members point to; a later change of the statement does not reach it.
    std::shared_ptr<const void> owner;

    /// As the verbs of the driver take them.
    [[nodiscard]] tusk::parameters listed() const
    {
        tusk::parameters list;
        if (!parameters.empty())
            list.add_described(parameters, owner);
        return list;
    }
};

/// @throws usage_error  The statement contradicts itself, or it names a table that is not in its FROM.
compiled_statement compile(const statement_base& of);

/// `SELECT count(*)` of the rows that a SELECT gives, without its order, limit, offset and loader options.
compiled_statement compile_count(const statement_base& of);

/// The statement that loads one relation for many entities.
///
/// Its parameters are the keys of the near side, an array for each column of `keys`; there are none in `statement`.
///     SELECT posts.id, ... FROM posts WHERE posts.author_id = ANY($1)
///     SELECT post_tags.post_id, tags.id, ... FROM post_tags JOIN tags ON ... WHERE post_tags.post_id = ANY($1)
///     SELECT ... FROM lines WHERE (lines.a, lines.b) IN (SELECT * FROM unnest($1::bigint[], $2::text[]))
/// Of several columns, the arrays are parallel.
struct selectin_statement {
    /// One pair for each parameter: `near` is the column of the near entity whose values go into the array, `far` what
    /// they are compared with.
    std::vector<column_pair> keys;
    /// The OID of each array; 0 for a type of the database's own.
    std::vector<oid> key_types;
    /// For each key, the column of the result that holds it. In a many-to-many relation those are values of the
    /// secondary table, in columns of their own before the entity; otherwise they are among the entity's columns.
    std::vector<std::size_t> key_columns;
    /// `outputs[target]` is the entity.
    std::size_t target = 0;
    compiled_statement statement;
};

/// @param option  Its `nested` options go with it: joined ones into this statement, others into `to_load`. It must
///                live as long as the result.
selectin_statement compile_selectin(const relation_info& relation, const load_option& option);

/// The same without options: `session.load<&user::posts>(u)`.
selectin_statement compile_selectin(const relation_info& relation);

} // namespace tusk::orm::detail
