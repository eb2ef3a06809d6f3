    public static IReadOnlyDictionary<string, decimal> Settle(IEnumerable<Expense> expenses)
    {
        var balances = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var expense in expenses)
        {
            var share = decimal.Round(expense.Amount / expense.Sharers.Count, 2);
            foreach (var sharer in expense.Sharers)
            {
                balances.TryGetValue(sharer, out var owed);
                balances[sharer] = owed - share;
            }
            balances.TryGetValue(expense.Payer, out var paid);
            balances[expense.Payer] = paid + share * expense.Sharers.Count;
        }
        var rest = balances.Values.Sum();
        if (rest != 0m && balances.Count > 0)
        {
            var first = balances.Keys.First();
            balances[first] -= rest;
        }
        return balances.Where(pair => pair.Value != 0m).ToDictionary(pair => pair.Key, pair => pair.Value);
    }
