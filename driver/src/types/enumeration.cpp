#include <tusk/driver/codec/enumeration.hpp>

#include "types/oids.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

namespace tusk::detail {

namespace {

bool is_text_type(oid type) noexcept
{
    return type == oids::text || type == oids::varchar || type == oids::bpchar || type == oids::name;
}

} // namespace

bool can_be_label(server_type type, format as) noexcept
{
    switch (type.kind()) {
    case type_kind::enumeration: return true;
    case type_kind::unknown: return type != 0 || as == format::text;
    default: return is_text_type(type);
    }
}

format label_format(server_type type) noexcept
{
    return type.kind() == type_kind::unknown ? format::text : format::binary;
}

void fail_label(std::string_view enumeration)
{
    throw decode_error{fmt::format("a label has come that tusk::enum_names<{}> does not name: name all labels of the "
                                   "type, or read it as std::string",
                                   enumeration)};
}

void fail_enumerator(std::string_view enumeration)
{
    throw encode_error{fmt::format("tusk::enum_names<{}> does not name the enumerator: name it there", enumeration)};
}

} // namespace tusk::detail
