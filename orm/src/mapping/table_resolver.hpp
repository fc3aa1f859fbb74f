#pragma once

#include <tusk/orm/detail/table_builder.hpp>
#include <tusk/orm/table_info.hpp>

#include <vector>

namespace tusk::orm::detail {

/// Works out the foreign keys and relations of a table and of all that can be reached from it. They become visible
/// together, so nobody ever sees a relation whose other side is half made.
class table_resolver
{
public:
    /// @throws usage_error  A mapping contradicts itself or another one. Nothing becomes visible then.
    static void resolve(const table_info& start);

private:
    explicit table_resolver(table_info& start);

    void collect();
    void add(const table_info& found);
    static void resolve_foreign_keys(table_info& of);
    static void resolve_relations(table_info& of);
    static void resolve_relation(const relation_draft& draft, relation_info& made);
    static void follow_foreign_key(const relation_draft& draft, relation_info& made);
    static void follow_secondary(const relation_draft& draft, relation_info& made);
    static void match_reverse(const relation_draft& draft, relation_info& made);
    static const table_info& secondary_of(const relation_draft& draft, const relation_info& made);
    static table_info* make_secondary(const relation_draft& draft, const relation_info& made);
    void publish();

    std::vector<table_info*> tables_;
};

} // namespace tusk::orm::detail
