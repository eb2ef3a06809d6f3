# Copyright 2020 Hal Example

$(BUILD)/%.o: $(SOURCES)/%.c $(BUILD)/flags.stamp | $(BUILD)
	@mkdir -p $(dir $@) $(dir $(DEPENDENCIES)/$*.d)
	$(CC) $(CFLAGS) -MMD -MP -MF $(DEPENDENCIES)/$*.d -MT $@ \
	  $(addprefix -I,$(INCLUDES)) -c $< -o $@
	@printf '%s %s\n' "$(notdir $@)" "$$(stat -c %s $@)" >> $(BUILD)/sizes.txt

$(BUILD)/flags.stamp: FORCE | $(BUILD)
	@echo '$(CC) $(CFLAGS) $(INCLUDES)' | cmp -s - $@ || echo '$(CC) $(CFLAGS) $(INCLUDES)' > $@
