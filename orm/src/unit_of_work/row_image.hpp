#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/oid.hpp>
#include <tusk/orm/detail/entity_node.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

/// What is known of a column's value.
enum class column_image : std::uint8_t {
    binary,  ///< Encoded, as it travels.
    text,    ///< The same, in text.
    null,    ///< NULL.
    unknown, ///< Nothing: a deferred member that is not loaded.
};

/// What is said of one column of an image.
struct image_entry {
    std::uint32_t end : 30; ///< Where its bytes end; they begin where those of the column before it end.
    std::uint32_t what : 2;
};

/// Encodes the column of an entity, as a parameter of a statement would be.
/// @throws tusk::encode_error  The value cannot be a value of the column; the message names the member.
column_image encode_column(const column_info& column, const entity_node& of, byte_writer& out);

/// All columns of an entity as its members are now. Kept for use after use, so that encoding allocates nothing.
class row_encoder
{
public:
    void encode(const entity_node& of);
    /// A value that cannot be one of its column (an enum without a name) is left unknown.
    void encode_leniently(const entity_node& of);

    [[nodiscard]] column_image kind(std::size_t column) const noexcept
    {
        return static_cast<column_image>(entries_[column].what);
    }
    [[nodiscard]] std::string_view operator[](std::size_t column) const noexcept;

    [[nodiscard]] std::span<const image_entry> entries() const noexcept { return entries_; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_.bytes(); }

private:
    void note(column_image what, const column_info& column);

    byte_writer bytes_;
    std::vector<image_entry> entries_;
};

/// What the columns of an entity were when the database had the same: each as we would encode it, so that comparing is
/// exact for every type, containers and documents too. (The bytes of the wire would not do: numeric scale, jsonb and
/// others are not canonical there.) One block of memory: an entity that is watched has one.
class row_image
{
public:
    static std::unique_ptr<row_image> of(const row_encoder& encoded);
    row_image(const row_image&) = delete;
    row_image& operator=(const row_image&) = delete;
    ~row_image() = default;

    [[nodiscard]] column_image kind(std::size_t column) const noexcept;
    /// Empty for NULL and for what is not known.
    [[nodiscard]] std::string_view operator[](std::size_t column) const noexcept;

    /// That column has another value there. What was not known, and is there, has changed.
    [[nodiscard]] bool differs(std::size_t column, const row_encoder& from) const noexcept;
    /// Any column has.
    [[nodiscard]] bool differs(const row_encoder& from) const noexcept;

    /// The same, but that column is as it is there.
    [[nodiscard]] std::unique_ptr<row_image> with(std::size_t column, const row_encoder& from) const;

    /// It is longer than its type says: what is freed has no size.
    static void operator delete(void* block) noexcept { ::operator delete(block); }

private:
    explicit row_image(std::size_t count) noexcept : count_{count} {}
    static std::unique_ptr<row_image> make(std::span<const image_entry> entries, std::string_view bytes);

    [[nodiscard]] const image_entry* entries() const noexcept { return reinterpret_cast<const image_entry*>(this + 1); }
    [[nodiscard]] const char* bytes() const noexcept { return reinterpret_cast<const char*>(entries() + count_); }

    std::size_t count_; ///< Behind it: the entries, then the bytes.
};

} // namespace tusk::orm::detail
