#include <tusk/driver/failure.hpp>

#include <tusk/driver/detail/raise.hpp>
#include <tusk/driver/error.hpp>

#include <utility>

namespace tusk {

failure::failure(std::shared_ptr<const error_fields> fields, std::string query, std::string remedy)
    : server_{std::move(fields)}, query_{std::move(query)}, remedy_{std::move(remedy)}
{
}

std::string_view failure::sqlstate() const noexcept
{
    return server_ ? std::string_view{server_->sqlstate} : std::string_view{};
}

std::exception_ptr failure::exception() const
{
    return server_ ? detail::make_server_error(server_, query_, remedy_) : local_;
}

std::string failure::message() const
{
    if (!*this)
        return {};
    try {
        std::rethrow_exception(exception());
    } catch (const std::exception& what) {
        return what.what();
    } catch (...) {
        return "an error of a foreign type";
    }
}

void failure::raise() const
{
    if (server_)
        detail::raise_server_error(server_, query_, remedy_);
    if (local_)
        std::rethrow_exception(local_);
    throw usage_error{"there is no failure to raise"};
}

} // namespace tusk
