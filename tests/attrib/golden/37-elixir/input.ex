defmodule Mine do
  @moduledoc """
  # Not a comment.
  """

  def summarise(entries) do
    entries
    |> Enum.reject(&is_nil(&1.amount))
    |> Enum.group_by(& &1.account, & &1.amount)
    |> Enum.map(fn {account, amounts} ->
      total = Enum.sum(amounts)
      {account, %{total: total, mean: total / length(amounts), largest: Enum.max(amounts)}}
    end)
    |> Enum.sort_by(fn {_account, %{total: total}} -> -total end)
    |> Enum.take(10)
  end
end
