#pragma once

#include <tusk/driver/oid.hpp>
#include <tusk/driver/type_kind.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace tusk {

struct type_info;

/// A type as the server knows it: its OID, and what the catalog says of it.
///
/// Of built-in types everything is known. The types of a database are looked up once per connection, when a statement
/// first shows them. Converts to its OID, so that a codec that needs no more can take an `oid`.
/// @par Lifetime       A view: as long as the result or statement that it came from.
/// @par Thread safety  Any thread.
class server_type
{
public:
    /// @param number  Its OID; 0 where the server has not said.
    /// @param info    What the catalog says; null for a built-in type, and where nobody has asked.
    constexpr server_type(oid number = 0, const type_info* info = nullptr) noexcept : number_{number}, info_{info} {}

    constexpr operator oid() const noexcept { return number_; }
    [[nodiscard]] constexpr oid number() const noexcept { return number_; }
    [[nodiscard]] constexpr const type_info* info() const noexcept { return info_; }

    [[nodiscard]] type_kind kind() const noexcept;

    /// Its name without schema ("hstore"), for a built-in type its SQL name; empty where it is not known.
    [[nodiscard]] std::string_view name() const noexcept;
    /// Its schema; empty for a built-in type and where it is not known.
    [[nodiscard]] std::string_view schema() const noexcept;

    /// The element of an array, the subtype of a range, the range of a multirange, the base type of a domain; 0 for
    /// all others.
    [[nodiscard]] server_type of() const noexcept;

    /// The type that a domain is made of, through domains of domains; any other type is its own.
    [[nodiscard]] server_type base() const noexcept { return info_ == nullptr ? *this : without_domains(); }

    /// What stands between the elements of its arrays in text.
    [[nodiscard]] char delimiter() const noexcept;

    /// How many fields a composite has, where that is known.
    [[nodiscard]] std::size_t field_count() const noexcept;
    /// The type of a field of a composite, counted from 0; `position` must be below `field_count()`.
    [[nodiscard]] server_type field(std::size_t position) const noexcept;

    /// Says that its values do not look as the catalog said when it was asked: the next statement with this type asks
    /// again.
    void mark_outdated() const noexcept;

private:
    [[nodiscard]] server_type without_domains() const noexcept;

    oid number_;
    const type_info* info_;
};

/// Names a type in a message as `describe_type(oid)` does, and a type of the database by its real name where it is
/// known.
[[nodiscard]] std::string describe_type(server_type type);

} // namespace tusk
