#pragma once

#include <string>
#include <string_view>

namespace tusk {

/// A name in SQL, written so that it means exactly itself: quoted, with quotes inside doubled.
///
/// `identifier{"Order"}` is `"Order"`, never the keyword; `identifier{"sales", "order"}` is `"sales"."order"`.
/// Mind that quoted names are case-sensitive: a table created as `City` without quotes is called `city`.
class identifier
{
public:
    /// @throws usage_error  The name is empty, or holds a zero byte.
    identifier(const char* name) : identifier{std::string_view{name}} {}        // NOLINT(google-explicit-constructor)
    identifier(const std::string& name) : identifier{std::string_view{name}} {} // NOLINT(google-explicit-constructor)
    identifier(std::string_view name);                                          // NOLINT(google-explicit-constructor)

    /// A name in a schema.
    identifier(std::string_view schema, std::string_view name);

    /// As it stands in SQL, quotes included.
    [[nodiscard]] const std::string& sql() const noexcept { return sql_; }

private:
    std::string sql_;
};

} // namespace tusk
