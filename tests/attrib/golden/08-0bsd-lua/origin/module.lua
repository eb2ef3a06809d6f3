local function rolling_mean(values, width)
  local means, sum = {}, 0
  for place = 1, #values do
    sum = sum + values[place]
    if place > width then
      sum = sum - values[place - width]
    end
    if place >= width then
      means[#means + 1] = sum / width
    end
  end
  return means
end
