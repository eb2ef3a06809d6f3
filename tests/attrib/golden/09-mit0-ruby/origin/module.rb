def balanced?(text, pairs = { "(" => ")", "[" => "]" })
  open = []
  text.each_char.with_index do |sign, place|
    if pairs.key?(sign)
      open.push([sign, place])
    elsif pairs.value?(sign)
      expected, = open.pop
      return false unless pairs[expected] == sign
    end
  end
  open.empty?
end
