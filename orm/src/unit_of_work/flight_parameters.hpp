#pragma once

#include "unit_of_work/flush_plan.hpp"

#include <tusk/driver/detail/flight.hpp>
#include <tusk/driver/detail/parameter.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

/// A value that is encoded already, as a parameter.
struct encoded_value {
    std::string_view bytes;
    format as = format::binary;
    bool is_null = false;
};
[[nodiscard]] tusk::detail::parameter parameter_of(const encoded_value& value, oid type) noexcept;

/// Values of a column as one array of its type.
[[nodiscard]] std::string encoded_array(const column_info& of, std::span<const std::string> values);
/// Its OID; 0 for an array of a type of the database's own.
[[nodiscard]] oid array_type_of(const column_info& of);

/// Gives a level's parameters to the driver, step by step: they are encoded right from the entities.
class level_source final : public tusk::detail::flight_source
{
public:
    explicit level_source(const flush_level& of) : level_{of} {}

    bool next(std::size_t& which, std::span<const tusk::detail::parameter>& to) override;

private:
    void begin(const flush_statement& with);
    void take_values(const flush_step& step);

    const flush_level& level_;
    std::size_t step_ = 0;
    const flush_statement* statement_ = nullptr; ///< Of the last step.
    bool reads_members_only_ = false;            ///< Its parameters are members of the step's entity.
    std::vector<tusk::detail::parameter> parameters_;
    std::vector<encoded_value> values_; ///< What some of them point to.
    std::vector<std::string> arrays_;
};

/// What the driver prepares for a level.
[[nodiscard]] std::vector<tusk::detail::flight_statement> statements_of(const flush_level& level);

} // namespace tusk::orm::detail
