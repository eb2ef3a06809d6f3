"""Conversations: by a template where there is one, else as questions and answers."""

import pytest
from transformers import AutoTokenizer

from generator.base import GenerationRequest, Message
from generator.chat import assistant_prompt
from generator.errors import InvalidRequest, PromptTooLong, UnknownModel
from generator.locating import EMBEDDED_FOLDER
from generator.opening import open_generator
from generator.prompts import encode_request

QUESTION = (Message("system", "Be brief."), Message("user", "Reverse a list."))


@pytest.fixture
def chatting():
    tokenizer = AutoTokenizer.from_pretrained(EMBEDDED_FOLDER)
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m.role == 'assistant' and loop.first %}{{ raise_exception('user first') }}"
        "{% endif %}"
        "[{{ m.role }}] {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"
    )
    return tokenizer


def test_a_template_is_used_where_there_is_one(chatting):
    prompt = encode_request(chatting, GenerationRequest("", messages=QUESTION), 1024, "m")
    assert chatting.decode(prompt.ids) == "[system] Be brief.\n[user] Reverse a list.\n[assistant]"
    assert prompt.stop == ()


def test_a_base_model_gets_questions_and_answers_and_ends_before_the_next(tokenizer):
    prompt = encode_request(tokenizer, GenerationRequest("", messages=QUESTION), 1024, "m")
    assert tokenizer.decode(prompt.ids) == "Be brief.\n\nQuestion: Reverse a list.\n\nAnswer:"
    assert prompt.stop == ("\nQuestion:",)


def test_a_model_without_a_system_message_is_told_what_it_is():
    turns = [Message("user", "a"), Message("assistant", "b"), Message("user", "c")]
    assert assistant_prompt(turns).startswith("The following is a conversation")
    assert assistant_prompt(turns).endswith("Question: a\n\nAnswer: b\n\nQuestion: c\n\nAnswer:")


def test_marks_and_wrong_orders_are_refused(chatting):
    with pytest.raises(InvalidRequest, match="endoftext"):
        encode_request(chatting, GenerationRequest("", messages=(Message("user", "<|endoftext|>"),)), 1024, "m")
    with pytest.raises(InvalidRequest, match="user first"):
        encode_request(chatting, GenerationRequest("", messages=(Message("assistant", "x"),)), 1024, "m")


def test_a_conversation_without_room_is_refused(tokenizer):
    with pytest.raises(PromptTooLong):
        encode_request(tokenizer, GenerationRequest("", messages=(Message("user", "\n." * 2000),)), 1024, "m")


def test_messages_and_a_prompt_exclude_each_other():
    with pytest.raises(InvalidRequest, match="messages"):
        GenerationRequest("x", messages=QUESTION)


def test_the_embedded_model_answers_a_conversation(embedded):
    (completion,) = embedded.complete(GenerationRequest("", messages=QUESTION, max_new_tokens=20))
    assert completion.completion_tokens > 0
    assert "Question:" not in completion.text


def test_names_of_servers_are_understood():
    described = open_generator("openai:http://127.0.0.1:9/v1#bigcode/starcoderbase-7b").describe()
    assert (described.name, described.device, described.fills_in_middle) == (
        "bigcode/starcoderbase-7b",
        "http://127.0.0.1:9/v1",
        True,
    )
    assert open_generator("openai:http://h/v1#mine?fim=qwen-coder").describe().fills_in_middle
    assert not open_generator("openai:http://h/v1#mine").describe().fills_in_middle


@pytest.mark.parametrize(
    "name", ["openai:http://h/v1", "openai:ftp://h/v1#m", "openai:#m", "openai:http://h/v1#m?fim=x"]
)
def test_what_names_no_server_is_refused(name):
    with pytest.raises(UnknownModel):
        open_generator(name)
