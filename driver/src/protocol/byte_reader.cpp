#include <tusk/driver/byte_reader.hpp>

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

namespace tusk {

[[gnu::hot]] std::string_view byte_reader::take_cstring()
{
    const void* zero = left() == 0 ? nullptr : std::memchr(position_, 0, left());
    if (zero == nullptr)
        fail_unterminated();
    const auto* stop = static_cast<const std::byte*>(zero);
    std::string_view text{reinterpret_cast<const char*>(position_), static_cast<std::size_t>(stop - position_)};
    position_ = stop + 1;
    return text;
}

void byte_reader::fail_unterminated() const
{
    throw decode_error{fmt::format("{}: text without its terminating zero byte", subject_)};
}

void byte_reader::fail_rest() const
{
    throw decode_error{fmt::format("{}: {} bytes more than its layout has", subject_, left())};
}

void byte_reader::fail_short(std::size_t count) const
{
    throw decode_error{fmt::format("{}: {} bytes wanted, {} left", subject_, count, left())};
}

} // namespace tusk
