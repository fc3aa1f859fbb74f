// Stands in for gss_client.cpp where the GSSAPI library was not found.

#include "connection/gss_client.hpp"

#include <tusk/driver/error.hpp>

namespace tusk::detail {

struct gss_client::state {
};

bool gss_client::is_available() noexcept { return false; }

gss_client::gss_client(std::string_view, std::string_view, bool) { throw usage_error{"tusk was built without GSSAPI"}; }

gss_client::~gss_client() = default;

gss_client::step gss_client::answer(std::span<const std::byte>) { return {}; }

} // namespace tusk::detail
