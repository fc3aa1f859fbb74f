#pragma once

#include <memory>
#include <utility>

namespace tusk::orm::detail {

class compilation;

/// What a statement consists of, without C++ types.
struct statement_data {
    statement_data() = default;
    statement_data(const statement_data&) = default;
    statement_data& operator=(const statement_data&) = delete;
    virtual ~statement_data();

    virtual void compile(compilation& to) const = 0;
    [[nodiscard]] virtual std::shared_ptr<statement_data> clone() const = 0;
};

/// What all statements have in common: they are values that share what they consist of until one of them changes.
class statement_base
{
public:
    [[nodiscard]] const std::shared_ptr<statement_data>& shared_data() const noexcept { return data_; }

protected:
    explicit statement_base(std::shared_ptr<statement_data> data) noexcept : data_{std::move(data)} {}

    /// For changing it: made its own before.
    template <class Data>
    Data& change()
    {
        make_own();
        return static_cast<Data&>(*data_);
    }
    template <class Data>
    [[nodiscard]] const Data& read() const noexcept
    {
        return static_cast<const Data&>(*data_);
    }

private:
    void make_own()
    {
        if (data_.use_count() > 1)
            data_ = data_->clone();
    }

    std::shared_ptr<statement_data> data_;
};

} // namespace tusk::orm::detail
